/**
 * An engine runs training steps and predictions of a `tf.LayersModel`. All engines run the same step (model, loss and
 * optimizer of `@fer/tfjs-graph`); they differ only in what executes it.
 */
import type { InputScaling, LossOptions, OptimizerOptions, Precision, PreparedStep } from "@fer/tfjs-graph";
import type { LayersModel } from "@tensorflow/tfjs";

export type { Precision };

export const ENGINES = ["tensorflow", "onnx", "webgpu", "wasm", "cpu"] as const;
export type EngineName = (typeof ENGINES)[number];

/** Whether an engine can run here; a row of `fer engines --json`. */
export interface EngineStatus {
  name: EngineName;
  available: boolean;
  /** Why not, in one sentence. */
  reason?: string;
  /** What it runs on, e.g. "CPU", "NVIDIA H100". */
  device?: string;
  /** Whether that device is a GPU. */
  gpu?: boolean;
  version?: string;
  /** Precisions that it is good at, where it is available; see `choosePrecision`. */
  precisions?: readonly Precision[];
  /** Why bfloat16 is one of them, or is not. */
  bfloat16?: string;
  /** What to do to get it. */
  install?: string;
}

export interface PrepareOptions {
  model: LayersModel;
  input: InputScaling;
  loss: LossOptions;
  optimizer: OptimizerOptions;
  /** Seed of dropout masks. */
  seed: number;
  /** Shape of one input image where that is not the model's, `[height, width, channels]`. */
  inputShape?: readonly number[];
  /** Whether it only predicts, with the weights that the model has now: nothing but `predict` may be called then. */
  frozen?: boolean;
  /** Of activations and products; only `tensorflow` has bfloat16. Weights, statistics and loss stay float32. */
  precision?: Precision;
}

export interface Engine {
  readonly name: EngineName;
  /** Looks whether the engine can run here. Loads what it needs to know that, and never throws. */
  probe(): Promise<EngineStatus>;
  /** Takes the weights that the model has now. The model itself is not changed until the caller writes them back. */
  prepare(options: PrepareOptions): Promise<PreparedStep>;
}
