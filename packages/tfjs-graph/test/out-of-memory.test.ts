/**
 * A batch that does not fit, on every engine. In a file (and so a process) of its own: the memory of wasm is not to be
 * used afterwards.
 */
import { compileTrainStep } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { engines } from "./engines.ts";

/** 400 TB a row: more than any machine can address, so that nothing is tried. */
const enlarged = () => {
  const padding: [number, number] = [5_000_000, 5_000_000];
  return tf.layers.zeroPadding2d({ inputShape: [4, 4, 1], padding: [padding, padding] });
};

const inOrder = engines.toSorted((a, b) => Number(a.name === "wasm") - Number(b.name === "wasm"));
const messages: Record<string, string> = {
  tensorflow: "batch of 8192: TensorFlow ran out of memory. Try a batch of 4096.",
  onnx: "batch of 8192: onnxruntime ran out of memory. Try a batch of 4096.",
  cpu: "batch of 8192: tfjs (cpu) ran out of memory. Try a batch of 4096.",
  wasm: "batch of 8192: tfjs (wasm) ran out of memory. Try a batch of 4096, in a new process.",
};

describe.each(inOrder)("engine $name", ({ name, available, prepare }) => {
  beforeAll(() => tf.setBackend("cpu"));

  test.skipIf(!available)("names the batch that does not fit into memory, and half of it", async () => {
    const { globalAveragePooling2d, dense } = tf.layers;
    const layers = [enlarged(), globalAveragePooling2d({}), dense({ units: 3, activation: "softmax" })];
    const step = await prepare({
      model: tf.sequential({ layers }),
      input: { scale: 1, offset: 0 },
      loss: { labelSmoothing: 0 },
      optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
      seed: 1,
    });
    const batch = { inputs: new Uint8Array(8192 * 16), labels: new Float32Array(8192 * 3).fill(1 / 3), count: 8192 };
    const before = await step.readState();
    await expect(step.step(batch, { learningRate: 0.1 })).rejects.toThrow(messages[name]!);
    expect(await step.readState()).toEqual(before);
    step.dispose();
  });
});

test("one row that does not fit asks for a smaller model", async () => {
  await tf.setBackend("cpu");
  const layers = [enlarged(), tf.layers.globalAveragePooling2d({})];
  const step = await compileTrainStep({
    model: tf.sequential({ layers }),
    input: { scale: 1, offset: 0 },
    loss: { labelSmoothing: 0 },
    optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
    seed: 1,
    engine: "cpu",
  });
  await expect(step.predict(new Uint8Array(16), 1)).rejects.toThrow(
    "batch of 1: tfjs (cpu) ran out of memory. Try a smaller model or smaller images.",
  );
});
