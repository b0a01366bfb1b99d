/**
 * A training step compiled to a TensorFlow graph. Weights and optimizer state stay inside the session; a batch goes in
 * and two scalars come out. Each batch size is traced once; a new one adds its function to the program, and the state
 * moves over once.
 */
import type { LayersModel } from "@tensorflow/tfjs";
import { rebuild } from "../layers/rebuild.js";
import type {
  Batch,
  InputScaling,
  LossOptions,
  OptimizerOptions,
  PreparedStep,
  StepResult,
  StepState,
} from "../step.js";
import { explainMemory } from "../run/out-of-memory.js";
import { tf } from "../tf.js";
import { checkBatch, checkRows, checkState, disposedError, notFinite, stepScalars } from "../train/batch.js";
import { captureUpdate, capturePrediction, type BatchSignature } from "../train/capture-train-step.js";
import { predictionBlocks } from "../train/prediction-blocks.js";
import { TrainStep } from "../train/train-step.js";
import { withBackend } from "../eager/backend.js";
import type { Precision } from "./lowering.js";
import type { TensorFlowPeephole } from "./peepholes/index.js";
import type { HostArray } from "./program.js";
import type { TensorFlowRuntime } from "./runtime.js";
import { TensorFlowSession, type SessionOptions } from "./session.js";

export interface TensorFlowOptions {
  model: LayersModel;
  input: InputScaling;
  loss: LossOptions;
  optimizer: OptimizerOptions;
  /** 32-bit seed of the dropout masks. */
  seed: number;
  /** From `loadTensorFlow`. */
  runtime: TensorFlowRuntime;
  /** "bfloat16" keeps activations in bfloat16; weights, statistics and loss stay float32. */
  precision?: Precision;
  /** Peepholes to switch off, to find a wrong one. */
  peepholesOff?: readonly TensorFlowPeephole[];
}

/** A prepared step that can say what it runs. */
export interface TensorFlowStep extends PreparedStep {
  /** How often each TensorFlow op occurs in the program compiled so far: what really runs. */
  readonly opCounts: Readonly<Record<string, number>>;
}

/**
 * Prepares a training step of `model` that runs as a TensorFlow graph. It takes a copy of the present weights; the
 * model itself never changes.
 *
 * @throws GraphError when the model holds a layer or an op that cannot be compiled.
 * @example
 * ```ts
 * import { findTensorFlow, loadTensorFlow, prepareTensorFlow } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 2, activation: "softmax" })] });
 * const step = await prepareTensorFlow({
 *   model,
 *   input: { scale: 1, offset: 0 },
 *   loss: { labelSmoothing: 0 },
 *   optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
 *   seed: 1,
 *   runtime: loadTensorFlow(findTensorFlow()!),
 * });
 * const batch = { inputs: new Float32Array([1, 0]), labels: new Float32Array([0, 1]), count: 1 };
 * const { loss } = await step.step(batch, { learningRate: 0.1 });
 * step.dispose();
 * ```
 */
export async function prepareTensorFlow(options: TensorFlowOptions): Promise<TensorFlowStep> {
  const { runtime, precision = "float32", peepholesOff = [], model, ...rest } = options;
  const before = tf.getBackend();
  // The copy is only traced: where its variables live does not matter, and every process has the cpu backend.
  await tf.setBackend("cpu");
  try {
    const step = new TrainStep({ ...rest, model: await rebuild(model) });
    return new CompiledStep(step, runtime, { precision, peepholesOff });
  } finally {
    await tf.setBackend(before);
  }
}

class CompiledStep implements TensorFlowStep {
  private readonly session: TensorFlowSession;
  private done = 0;
  private disposed = false;

  constructor(
    private readonly trained: TrainStep,
    runtime: TensorFlowRuntime,
    options: SessionOptions,
  ) {
    this.session = new TensorFlowSession(runtime, options);
    this.session.declare(trained.variables.map(({ variable }) => variable));
  }

  async step(batch: Batch, { learningRate: rate }: { learningRate: number }): Promise<StepResult> {
    this.assertAlive();
    checkBatch(batch, this.trained.options.model);
    const { count, inputs, labels } = batch;
    const { learningRate, stepSize, step } = stepScalars(this.trained.options.optimizer, rate, this.done);
    const weights = batch.weights ?? new Float32Array(count).fill(1);
    const scalars = [Float32Array.of(learningRate), Float32Array.of(stepSize), Int32Array.of(step)];
    const name = this.prepare("update", { count, dtype: typeOf(inputs) });
    const [loss, correct] = this.run(name, [inputs, labels, weights, ...scalars], count);
    this.done++;
    return { loss: loss![0]!, correct: correct![0]! };
  }

  async predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
    this.assertAlive();
    const { inputShape, classes } = this.trained.options.model;
    checkRows(inputs, count, inputShape);
    const width = tf.util.sizeFromShape(inputShape);
    const result = new Float32Array(count * classes);
    for (const { start, rows, size } of predictionBlocks(count)) {
      const name = this.prepare("predict", { count: size, dtype: typeOf(inputs) });
      const block = padRows(inputs.subarray(start * width, (start + rows) * width), size * width);
      const [probabilities] = this.run(name, [block], size);
      result.set(probabilities!.subarray(0, rows * classes), start * classes);
    }
    return result;
  }

  async readState(): Promise<StepState> {
    this.assertAlive();
    const values = this.session.values();
    const state: StepState = { step: this.done, weights: {}, slots: {} };
    for (const { kind, name, variable } of this.trained.variables) {
      state[kind][name] = { shape: variable.shape, data: values.get(variable)! };
    }
    return state;
  }

  async writeState(state: StepState): Promise<void> {
    this.assertAlive();
    const { variables } = this.trained;
    checkState(
      state,
      variables.map(({ kind, name, variable }) => ({ kind, name, shape: variable.shape })),
    );
    this.session.write(new Map(variables.map(({ kind, name, variable }) => [variable, state[kind][name]!.data])));
    this.done = state.step;
  }

  get opCounts(): Readonly<Record<string, number>> {
    return this.session.opCounts;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.session.dispose();
    withBackend("cpu", () => this.trained.dispose());
  }

  private assertAlive(): void {
    if (this.disposed) throw disposedError();
  }

  /** Makes sure that the session has the function for this signature; gives its name. */
  private prepare(kind: "update" | "predict", signature: BatchSignature): string {
    const name = `${kind}_${signature.count}_${signature.dtype}`;
    if (this.session.has(name)) return name;
    if (kind === "update") this.session.define(name, captureUpdate(this.trained, signature), "loss");
    else this.session.define(name, capturePrediction(this.trained, signature));
    return name;
  }

  private run(name: string, feeds: HostArray[], rows: number): HostArray[] {
    try {
      return this.session.run(name, feeds);
    } catch (cause) {
      throw explained(cause, rows, this.done);
    }
  }
}

function padRows(values: Uint8Array | Float32Array, length: number): Uint8Array | Float32Array {
  if (values.length === length) return values;
  const padded = values instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  padded.set(values);
  return padded;
}

const typeOf = (inputs: Uint8Array | Float32Array): BatchSignature["dtype"] =>
  inputs instanceof Uint8Array ? "uint8" : "float32";

/** TensorFlow's errors that a user can do something about. */
function explained(cause: unknown, rows: number, step: number): unknown {
  const message = cause instanceof Error ? cause.message : "";
  const bad = /loss : Tensor had (.*?) values/.exec(message);
  if (bad !== null) return notFinite(bad[1]!.includes("NaN") ? Number.NaN : Number.POSITIVE_INFINITY, step);
  return explainMemory(cause, rows, "TensorFlow");
}
