/** One way to a training step, whatever runs it. */
import type { LayersModel } from "@tensorflow/tfjs";
import { prepareEager } from "../eager/prepare-eager.js";
import { prepareOnnx } from "../onnx/prepare-onnx.js";
import type { InputScaling, LossOptions, OptimizerOptions, PreparedStep } from "../step.js";
import type { Precision } from "../tensorflow/lowering.js";
import { prepareTensorFlow } from "../tensorflow/prepare-tensorflow.js";
import type { TensorFlowRuntime } from "../tensorflow/runtime.js";
import { tensorFlowRuntime, type CompiledEngine } from "./executor.js";

export interface TrainStepSettings {
  model: LayersModel;
  /** `adam` with its usual settings where left out. */
  optimizer?: OptimizerOptions;
  /** Plain softmax cross-entropy where left out. */
  loss?: LossOptions;
  /** How raw inputs become what the model sees; unchanged where left out. */
  input?: InputScaling;
  /** 32-bit seed of the dropout masks. 0 where left out. */
  seed?: number;
  /** `wasm` and `cpu` run the same step eagerly, as a reference. */
  engine: CompiledEngine | "wasm" | "cpu";
  /** For `tensorflow`: what `loadTensorFlow` gave. Looked for where left out. */
  runtime?: TensorFlowRuntime;
  /** For `tensorflow`. */
  precision?: Precision;
}

const adam: OptimizerOptions = {
  name: "adam",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  clipNorm: null,
  weightDecay: 0,
  ema: null,
};

/**
 * A training step of a `tf.LayersModel`: forward, softmax cross-entropy, backward, optimizer, in one graph. Weights
 * and optimizer state live in the step; the model is left alone until you write them back.
 *
 * @throws GraphError when the engine cannot be had or the model cannot be trained by it.
 * @example
 * ```ts
 * import { compileTrainStep } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 2, activation: "softmax" })] });
 * const step = await compileTrainStep({ model, engine: "onnx" });
 * const batch = { inputs: new Float32Array([1, 0]), labels: new Float32Array([0, 1]), count: 1 };
 * console.log(await step.step(batch, { learningRate: 0.001 })); // such as { loss: 0.41, correct: 1 }
 * step.dispose();
 * ```
 */
export async function compileTrainStep(settings: TrainStepSettings): Promise<PreparedStep> {
  const { engine, runtime, precision = "float32", model } = settings;
  const { optimizer = adam, loss = { labelSmoothing: 0 }, input = { scale: 1, offset: 0 }, seed = 0 } = settings;
  const options = { model, optimizer, loss, input, seed };
  if (engine === "tensorflow") return prepareTensorFlow({ ...options, runtime: tensorFlowRuntime(runtime), precision });
  if (engine === "onnx") return prepareOnnx(options);
  if (engine === "webgpu") return prepareOnnx({ ...options, device: "webgpu" });
  return prepareEager({ ...options, backend: engine });
}

/** Class probabilities of a model. */
export interface CompiledPrediction {
  /** `[count, classes]` for `count` rows of raw inputs. */
  (inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array>;
  dispose(): void;
}

/**
 * A prediction of a classifier as one graph, with the weights that the model has now.
 *
 * @example
 * ```ts
 * import { compilePredict } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 3, activation: "softmax" })] });
 * const predict = await compilePredict(model, { engine: "onnx" });
 * console.log((await predict(new Float32Array([1, 0, 0, 1]), 2)).length); // 6
 * predict.dispose();
 * ```
 */
export async function compilePredict(
  model: LayersModel,
  settings: Pick<TrainStepSettings, "engine" | "runtime" | "precision" | "input">,
): Promise<CompiledPrediction> {
  const optimizer: OptimizerOptions = {
    name: "sgd",
    momentum: 0,
    nesterov: false,
    clipNorm: null,
    weightDecay: 0,
    ema: null,
  };
  const step = await compileTrainStep({ ...settings, model, optimizer });
  const predict = (inputs: Uint8Array | Float32Array, count: number) => step.predict(inputs, count);
  return Object.assign(predict, { dispose: () => step.dispose() });
}
