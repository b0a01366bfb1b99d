/**
 * What a prepared training step is to its caller, whatever executes it: eager tfjs, a TensorFlow graph or an ONNX
 * graph. Weights and optimizer state live inside; batches go in as plain arrays, scalars come out.
 */

/** One batch in host memory. */
export interface Batch {
  /** `[n, ...input shape]`, row-major (NHWC for images). Raw values; scaling is part of the step. */
  inputs: Uint8Array | Float32Array;
  /** `[n, classes]`, one-hot or soft labels. */
  labels: Float32Array;
  /** `[n]` sample weights; 1 where left out. */
  weights?: Float32Array;
  /** Number of rows n. */
  count: number;
}

export interface StepResult {
  /** Weighted mean loss of the batch, before the update. */
  loss: number;
  /** Rows whose arg max equals that of their label. */
  correct: number;
}

/** Tensor in host memory, row-major. */
export interface HostTensor {
  shape: number[];
  data: Float32Array;
}

/**
 * Everything that training changes. `weights` by the layer-qualified Keras name (`conv2d/kernel`,
 * `batch_normalization/moving_mean`); `slots` by slot and weight (`m/conv2d/kernel`); `step` counts updates
 * and drives dropout masks and bias correction.
 */
export interface StepState {
  step: number;
  weights: Record<string, HostTensor>;
  slots: Record<string, HostTensor>;
}

/** What a step is told beside its batch. */
export interface StepControls {
  learningRate: number;
  /** Aborted: a step that has not begun rejects with the reason; one that runs is left to end. */
  signal?: AbortSignal | undefined;
}

export interface PreparedStep {
  /** How often each op of the runtime occurs in what has been compiled so far; empty for eager engines. */
  readonly opCounts: Readonly<Record<string, number>>;
  /** Runs one update. Rejects when the loss is not finite, leaving the state as it was before. */
  step(batch: Batch, options: StepControls): Promise<StepResult>;
  /** Class probabilities `[count, classes]`, inference mode. */
  predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array>;
  readState(): Promise<StepState>;
  writeState(state: StepState): Promise<void>;
  /** Frees everything; calling it twice is fine, using the step afterwards is an error. */
  dispose(): void;
}

/** `inputs * scale + offset` is what the model sees. */
export interface InputScaling {
  scale: number;
  offset: number;
}

/** Softmax cross-entropy over the model's classes. */
export interface LossOptions {
  /** Share of the label mass spread evenly over all classes, [0, 1). Szegedy et al. 2016. */
  labelSmoothing: number;
  /** Gamma of the focal loss; 0 or left out for the cross-entropy itself. Lin et al. 2017. */
  focal?: number;
}

export type OptimizerOptions = {
  /** Rescales all gradients so that their joint L2 norm is at most this; `null` leaves them. */
  clipNorm: number | null;
  /** Decoupled weight decay (Loshchilov and Hutter 2019) on kernels, not on biases and norms. 0 turns it off. */
  weightDecay: number;
  /** Decay of an exponential moving average of the weights used by `predict`, less while young; `null` keeps none. */
  ema: number | null;
  /**
   * Radius of sharpness-aware minimization (Foret et al. 2021): the gradient is taken where the loss is about highest, at
   * this distance along it. A step costs twice as much. 0 or left out: none.
   */
  sam?: number;
  /**
   * Parts in which a batch goes through the model, for batches beyond memory: one update from the gradient of all of
   * them, that of the whole batch. What looks at a batch as such sees each part alone: batch norm, whose running
   * statistics move with each of them, dropout, and `sam`, which climbs for each. 1 or left out: the batch as it is.
   */
  accumulate?: number;
} & (
  | { name: "sgd"; momentum: number; nesterov: boolean }
  | { name: "adam"; beta1: number; beta2: number; epsilon: number }
  /** Muon for the kernels of all convolutions but the first, Adam for the rest. `beta` and `steps` are Muon's. */
  | { name: "muon"; beta: number; steps: number; beta1: number; beta2: number; epsilon: number }
);
