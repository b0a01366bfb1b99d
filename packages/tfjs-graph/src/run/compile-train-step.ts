/** One way to a training step, whatever runs it. */
import { availableParallelism } from "node:os";
import type { LayersModel } from "@tensorflow/tfjs";
import { prepareEager } from "../eager/prepare-eager.js";
import type { InputScaling, LossOptions, OptimizerOptions, PreparedStep } from "../step.js";
import { CompiledRunner, type CompiledRunnerOptions } from "../train/compiled-runner.js";
import type { BlockSizes } from "../train/prediction-blocks.js";
import { prepareOn, RunnerStep } from "../train/prepared-step.js";
import { assertPrecision, openExecutor, type CompiledEngine, type ExecutorOptions } from "./open-executor.js";

export interface TrainStepSettings extends Omit<ExecutorOptions, "engine"> {
  model: LayersModel;
  /** `adam` with its usual settings where left out. */
  optimizer?: OptimizerOptions;
  /** Plain softmax cross-entropy where left out. */
  loss?: LossOptions;
  /** How raw inputs become what the model sees; unchanged where left out. */
  input?: InputScaling;
  /** 32-bit seed of the dropout masks. 0 where left out. */
  seed?: number;
  /**
   * Shape of one input row where that is not the model's: with the same weights, a model that ends in global pooling
   * takes images of any size.
   */
  inputShape?: readonly number[];
  /**
   * Whether it only predicts, with the weights that the model has now: `step` and `writeState` are refused then, and
   * `onnx`, for which weights are constants then, predicts two to four times as fast. `false` where left out.
   */
  frozen?: boolean;
  /**
   * What runs it. `tensorflow`, `onnx` and `webgpu` run the compiled step in a thread of their own: the caller's event
   * loop goes on. `wasm` and `cpu` run the same step eagerly, as a reference, in the caller's thread: it stands still
   * for a step, or for a few dozen rows of a prediction.
   */
  engine: CompiledEngine | "wasm" | "cpu";
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

/** TensorFlow loads the whole program again for a new size: every block is filled up. onnxruntime's are cheap. */
const BLOCKS: Record<CompiledEngine, BlockSizes> = {
  tensorflow: { largest: 256, filled: Number.POSITIVE_INFINITY },
  onnx: { largest: 512, filled: 32 },
  webgpu: { largest: 512, filled: 32 },
};

/**
 * How predictions are cut and captured. What a few rows of a frozen net make on onnxruntime's CPU stays in the caches of
 * the cores, which is twice as fast as many rows at once.
 */
function predictionOf({
  engine,
  frozen = false,
}: TrainStepSettings): Pick<CompiledRunnerOptions, "blocks" | "isFrozen"> {
  const name = engine as CompiledEngine;
  if (!frozen || name !== "onnx") return { blocks: BLOCKS[name], isFrozen: false };
  const rows = 2 ** Math.floor(Math.log2(4 * availableParallelism()));
  return { blocks: { largest: Math.max(8, rows), filled: 4 }, isFrozen: true };
}

/**
 * A training step of a `tf.LayersModel`: forward, softmax cross-entropy, backward, optimizer, in one graph. Weights
 * and optimizer state live in the step; the model is left alone until you write them back.
 *
 * @throws GraphError when the engine cannot be had or the model cannot be trained by it, naming layer and op.
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
  const { engine, model } = settings;
  const { optimizer = adam, loss = { labelSmoothing: 0 }, input = { scale: 1, offset: 0 }, seed = 0 } = settings;
  const { inputShape, frozen = false } = settings;
  const options = { model, optimizer, loss, input, seed, inputShape, frozen };
  if (engine === "wasm" || engine === "cpu") {
    assertPrecision(engine, settings.precision);
    return prepareEager({ ...options, backend: engine });
  }
  const executor = await openExecutor({ ...settings, engine });
  try {
    // The copy is only traced: where its variables live does not matter, and every process has the cpu backend.
    const program = await prepareOn("cpu", options);
    return new RunnerStep(program, await CompiledRunner.of(program, { executor, ...predictionOf(settings) }));
  } catch (error) {
    void executor.dispose();
    throw error;
  }
}
