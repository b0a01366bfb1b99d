/**
 * A training step compiled to a TensorFlow graph. Weights and optimizer state stay inside the session; a batch goes in
 * and two scalars come out. Each batch size is traced once; a new one adds its function to the program, and the state
 * moves over once.
 */
import type { LayersModel } from "@tensorflow/tfjs";
import type { Graph, GraphVariable } from "../capture/graph.js";
import { GraphError } from "../errors.js";
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
import { tf } from "../tf.js";
import { checkBatch, checkRows, checkState, disposedError, notFinite, stepScalars } from "../train/batch.js";
import { captureUpdate, capturePrediction, type BatchSignature } from "../train/capture-train-step.js";
import { predictionBlocks } from "../train/prediction-blocks.js";
import { TrainStep } from "../train/train-step.js";
import { withBackend } from "../eager/backend.js";
import { lower, type NamedGraph, type ProgramVariable } from "./lower.js";
import type { Precision } from "./lowering.js";
import type { TensorFlowPeephole } from "./peepholes/index.js";
import { Program, type HostArray } from "./program.js";
import type { TensorFlowRuntime } from "./runtime.js";

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
  withoutPeepholes?: readonly TensorFlowPeephole[];
}

/** A prepared step that can say what it runs. */
export interface TensorFlowStep extends PreparedStep {
  /** How often each TensorFlow op occurs in the program compiled so far. */
  opCounts(): Readonly<Record<string, number>>;
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
  const { runtime, precision = "float32", withoutPeepholes = [], model, ...rest } = options;
  const before = tf.getBackend();
  // The copy is only traced: where its variables live does not matter, and every process has the cpu backend.
  await tf.setBackend("cpu");
  try {
    const step = new TrainStep({ ...rest, model: await rebuild(model) });
    return new CompiledStep(step, runtime, { precision, without: withoutPeepholes });
  } finally {
    await tf.setBackend(before);
  }
}

class CompiledStep implements TensorFlowStep {
  private readonly graphs = new Map<string, Graph>();
  private readonly variables: ProgramVariable[];
  private readonly variableNames: Map<unknown, string>;
  private program: Program | null = null;
  private counts: Readonly<Record<string, number>> = {};
  /** The state while no program holds it. */
  private initial: Float32Array[] | null;
  private done = 0;
  private disposed = false;

  constructor(
    private readonly trained: TrainStep,
    private readonly runtime: TensorFlowRuntime,
    private readonly options: { precision: Precision; without: readonly TensorFlowPeephole[] },
  ) {
    const { variables } = trained;
    this.variables = variables.map(({ variable }, i) => ({ name: `v${i}`, shape: variable.shape }));
    this.variableNames = new Map(variables.map(({ variable }, i) => [variable, `v${i}`]));
    this.initial = variables.map(({ variable }) => (variable.dataSync() as Float32Array).slice());
  }

  async step(batch: Batch, { learningRate: rate }: { learningRate: number }): Promise<StepResult> {
    this.assertAlive();
    checkBatch(batch, this.trained.options.model);
    const { count, inputs, labels } = batch;
    const { learningRate, stepSize, step } = stepScalars(this.trained.options.optimizer, rate, this.done);
    const weights = batch.weights ?? new Float32Array(count).fill(1);
    const scalars = [Float32Array.of(learningRate), Float32Array.of(stepSize), Int32Array.of(step)];
    const name = this.prepare("update", { count, dtype: typeOf(inputs) });
    const [loss, correct] = this.run(name, [inputs, labels, weights, ...scalars], ["loss", "correct"], count);
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
      let block = inputs.subarray(start * width, (start + rows) * width);
      if (rows < size) {
        const padded = inputs instanceof Uint8Array ? new Uint8Array(size * width) : new Float32Array(size * width);
        padded.set(block);
        block = padded;
      }
      const [probabilities] = this.run(name, [block], ["probabilities"], size);
      result.set(probabilities!.subarray(0, rows * classes), start * classes);
    }
    return result;
  }

  async readState(): Promise<StepState> {
    this.assertAlive();
    const values = this.program?.read() ?? this.initial!.map((data) => data.slice());
    const state: StepState = { step: this.done, weights: {}, slots: {} };
    this.trained.variables.forEach(({ kind, name, variable }, i) => {
      state[kind][name] = { shape: variable.shape, data: values[i]! };
    });
    return state;
  }

  async writeState(state: StepState): Promise<void> {
    this.assertAlive();
    const { variables } = this.trained;
    checkState(
      state,
      variables.map(({ kind, name, variable }) => ({ kind, name, shape: variable.shape })),
    );
    const values = variables.map(({ kind, name }) => state[kind][name]!.data);
    if (this.program === null) this.initial = values.map((data) => data.slice());
    else this.program.write(values);
    this.done = state.step;
  }

  opCounts(): Readonly<Record<string, number>> {
    return this.counts;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.program?.dispose();
    withBackend("cpu", () => this.trained.dispose());
  }

  private assertAlive(): void {
    if (this.disposed) throw disposedError();
  }

  /** Makes sure that the program has the function for this signature; gives its name. */
  private prepare(kind: "update" | "predict", signature: BatchSignature): string {
    const name = `${kind}_${signature.count}_${signature.dtype}`;
    if (this.graphs.has(name)) return name;
    const graph = (kind === "update" ? captureUpdate : capturePrediction)(this.trained, signature);
    this.graphs.set(name, graph);
    this.compile();
    return name;
  }

  private compile(): void {
    const functions: NamedGraph[] = [...this.graphs].map(([name, graph]) => ({
      name,
      graph,
      guard: name.startsWith("update") ? "loss" : null,
    }));
    const nameOf = ({ variable }: GraphVariable): string => this.variableNames.get(variable)!;
    const lowered = lower(functions, this.variables, nameOf, this.options);
    const program = new Program(this.runtime.binding, lowered, this.variables);
    program.write(this.program?.read() ?? this.initial!);
    this.program?.dispose();
    this.program = program;
    this.initial = null;
    this.counts = lowered.opCounts;
  }

  private run(name: string, feeds: HostArray[], outputs: string[], rows: number): HostArray[] {
    try {
      return this.program!.run(name, this.graphs.get(name)!.inputs, feeds, outputs);
    } catch (cause) {
      throw explained(cause, rows, this.done);
    }
  }
}

const typeOf = (inputs: Uint8Array | Float32Array): BatchSignature["dtype"] =>
  inputs instanceof Uint8Array ? "uint8" : "float32";

/** TensorFlow's errors that a user can do something about. */
function explained(cause: unknown, rows: number, step: number): unknown {
  const message = cause instanceof Error ? cause.message : "";
  const bad = /loss : Tensor had (.*?) values/.exec(message);
  if (bad !== null) return notFinite(bad[1]!.includes("NaN") ? Number.NaN : Number.POSITIVE_INFINITY, step);
  if (/OOM when allocating|RESOURCE_EXHAUSTED/i.test(message)) {
    return new GraphError({
      code: "OUT_OF_MEMORY",
      subject: `batch of ${rows}`,
      found: "TensorFlow ran out of memory",
      fix: `Try a batch of ${Math.max(1, Math.floor(rows / 2))}`,
      context: { rows },
      cause,
    });
  }
  return cause;
}
