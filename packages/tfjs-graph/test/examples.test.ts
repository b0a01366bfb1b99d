/** The examples of docstrings and README run and print what they promise. */
import { join } from "node:path";
import { findTensorFlow } from "@fer/tfjs-graph";
import { testExamples } from "../../../test/examples.ts";

const absent = "TensorFlow is not set up here";

const STEP = `import * as tf from "@tensorflow/tfjs";
import { compileTrainStep } from "@fer/tfjs-graph";
const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 2, activation: "softmax" })] });
const step = await compileTrainStep({ model, engine: "onnx" });
const [inputs, labels, weights] = [Float32Array.of(1, 0), Float32Array.of(0, 1), Float32Array.of(1)];
const [count, learningRate] = [1, 0.1];
`;

testExamples(join(import.meta.dirname, ".."), {
  before: { "README.md 2": STEP },
  notRun: {
    "README.md 1": "readme.test.ts compares the two times",
    ...(findTensorFlow() === null && {
      "tensorflow/bfloat16-speed.ts": absent,
      "tensorflow/runtime.ts": absent,
    }),
  },
});
