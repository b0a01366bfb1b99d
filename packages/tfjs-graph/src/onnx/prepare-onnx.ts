/**
 * Compiles the training step of a model to ONNX and runs it on onnxruntime-node. One session per batch size and input
 * type, made when it is first needed; weights and optimizer state are shared by all of them and updated in place.
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
import { capturePrediction, captureUpdate, type BatchSignature } from "../train/capture-train-step.js";
import { TrainStep } from "../train/train-step.js";
import { cpuDevice, gpuDevice, type OnnxDevice } from "./device.js";
import { activePeepholes, type OnnxPeephole } from "./peepholes/index.js";
import type { Program } from "./program.js";
import { loadOnnxRuntime } from "./runtime.js";

export interface OnnxOptions {
  model: LayersModel;
  input: InputScaling;
  loss: LossOptions;
  optimizer: OptimizerOptions;
  /** 32-bit seed of the dropout masks. */
  seed: number;
  /** `cpu`, or `webgpu` for a GPU through Vulkan, Metal or Direct3D 12. `cpu` where left out. */
  device?: "cpu" | "webgpu";
  /** Peepholes to switch off, to find a wrong one. */
  peepholesOff?: readonly OnnxPeephole[];
  /** Threads of the CPU; all cores where left out. */
  threads?: number;
}

/** What tells a compiled step from an eager one. */
export interface OnnxStep extends PreparedStep {
  /** How often each op occurs in the ONNX graph of the last update, or null before the first. */
  readonly opCounts: Readonly<Record<string, number>> | null;
}

/**
 * Prepares a training step of `model` as an ONNX graph. The step takes a copy of the present weights; the model itself
 * never changes.
 *
 * @throws GraphError when onnxruntime-node is absent (with the line that installs it) or the model cannot be trained
 * this way. Ops without a rule are refused at the first step of a batch size, before anything runs.
 * @example
 * ```ts
 * import { prepareOnnx } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 2, activation: "softmax" })] });
 * const step = await prepareOnnx({
 *   model,
 *   input: { scale: 1, offset: 0 },
 *   loss: { labelSmoothing: 0 },
 *   optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
 *   seed: 1,
 * });
 * const batch = { inputs: new Float32Array([1, 0]), labels: new Float32Array([0, 1]), count: 1 };
 * const { loss } = await step.step(batch, { learningRate: 0.1 });
 * step.dispose();
 * ```
 */
export async function prepareOnnx(options: OnnxOptions): Promise<OnnxStep> {
  const { model, device = "cpu", peepholesOff, threads, ...rest } = options;
  const runtime = loadOnnxRuntime();
  const before = tf.getBackend();
  await tf.setBackend("cpu");
  try {
    const program = new TrainStep({ ...rest, model: await rebuild(model) });
    const variables = program.variables.map(({ kind, name, variable }) => ({ name: `${kind}/${name}`, variable }));
    const peepholes = activePeepholes(peepholesOff);
    const make = device === "cpu" ? cpuDevice : gpuDevice;
    return new CompiledStep(
      program,
      make({ runtime, peepholes, variables, ...(threads === undefined ? {} : { threads }) }),
    );
  } finally {
    if (before !== undefined) await tf.setBackend(before);
  }
}

class CompiledStep implements OnnxStep {
  opCounts: Record<string, number> | null = null;
  private readonly updates = new Map<string, Promise<Program>>();
  private readonly predictions = new Map<string, Promise<Program>>();
  private last: Promise<unknown> = Promise.resolve();
  private done = 0;
  private disposed = false;

  constructor(
    private readonly program: TrainStep,
    private readonly device: OnnxDevice,
  ) {}

  step(batch: Batch, { learningRate }: { learningRate: number }): Promise<StepResult> {
    return this.inTurn(async () => {
      checkBatch(batch, this.program.options.model);
      const signature = signatureOf(batch.inputs, batch.count);
      const compiled = await this.compiled(this.updates, signature, () => captureUpdate(this.program, signature));
      this.opCounts = compiled.opCounts;
      const scalars = stepScalars(this.program.options.optimizer, learningRate, this.done);
      const inputs = {
        inputs: batch.inputs,
        labels: batch.labels,
        weights: batch.weights ?? new Float32Array(batch.count).fill(1),
        learningRate: Float32Array.of(scalars.learningRate),
        stepSize: Float32Array.of(scalars.stepSize),
        step: Int32Array.of(scalars.step),
      };
      const { loss, correct } = await enough(
        batch.count,
        compiled.run(inputs, ({ loss }) => {
          if (this.disposed) throw disposedError();
          if (!Number.isFinite(loss![0])) throw notFinite(loss![0]!, this.done);
        }),
      );
      this.done++;
      return { loss: loss![0]!, correct: correct![0]! };
    });
  }

  predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
    return this.inTurn(async () => {
      const { inputShape, classes } = this.program.options.model;
      checkRows(inputs, count, inputShape);
      const row = inputs.length / count;
      const probabilities = new Float32Array(count * classes);
      for (let start = 0; start < count;) {
        const size = chunkSize(count - start);
        const rows = inputs.subarray(start * row, Math.min(start + size, count) * row);
        const found = await this.predictChunk(padded(rows, size * row), size);
        probabilities.set(found.subarray(0, (rows.length / row) * classes), start * classes);
        start += size;
      }
      return probabilities;
    });
  }

  readState(): Promise<StepState> {
    return this.inTurn(async () => {
      const state: StepState = { step: this.done, weights: {}, slots: {} };
      const values = await this.device.read();
      for (const { kind, name } of this.program.variables) state[kind][name] = values.get(`${kind}/${name}`)!;
      return state;
    });
  }

  writeState(state: StepState): Promise<void> {
    return this.inTurn(async () => {
      const { variables } = this.program;
      checkState(
        state,
        variables.map(({ kind, name, variable }) => ({ kind, name, shape: variable.shape })),
      );
      for (const { kind, name } of variables) this.device.write(`${kind}/${name}`, state[kind][name]!.data);
      this.done = state.step;
    });
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.program.dispose();
    // A session must not go while it runs, and buffers of a GPU not after the sessions that made them.
    void this.last.finally(async () => {
      this.device.clear();
      for (const compiled of [...this.updates.values(), ...this.predictions.values()]) {
        await compiled.then(
          (program) => program.release(),
          () => undefined,
        );
      }
    });
  }

  private async predictChunk(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
    const signature = signatureOf(inputs, count);
    const compiled = await this.compiled(this.predictions, signature, () => capturePrediction(this.program, signature));
    return (await enough(count, compiled.run({ inputs }))).probabilities as Float32Array;
  }

  private compiled(
    cache: Map<string, Promise<Program>>,
    { count, dtype }: BatchSignature,
    trace: () => ReturnType<typeof captureUpdate>,
  ): Promise<Program> {
    const key = `${count} ${dtype}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const made = (async () => this.device.compile(trace()))();
    cache.set(key, made);
    made.catch(() => cache.delete(key));
    return made;
  }

  /** Calls run one after another, in the order they were made: a step reads what the one before wrote. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(() => {
      if (this.disposed) throw disposedError();
      return work();
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

/** A run, with its failure in words where it is one of memory. */
const enough = <T>(rows: number, run: Promise<T>): Promise<T> =>
  run.catch((cause: unknown) => {
    throw explainMemory(cause, rows, "onnxruntime");
  });

const signatureOf = (inputs: Uint8Array | Float32Array, count: number): BatchSignature => ({
  count,
  dtype: inputs instanceof Uint8Array ? "uint8" : "float32",
});

/** Predictions of more rows are made in parts. */
const LARGEST_CHUNK = 512;

/** Up to here, rows are filled up to the next power of two; above, the rest is left for the next chunk. */
const SMALL_CHUNK = 32;

/** Rows of the next session to run: powers of two, so that any number of rows needs few sessions. */
function chunkSize(rows: number): number {
  const exponent = Math.log2(rows);
  return Math.min(LARGEST_CHUNK, 2 ** (rows < SMALL_CHUNK ? Math.ceil(exponent) : Math.floor(exponent)));
}

/** The rows, with zeros up to `length`: a prediction does not mix rows, so what is added changes nothing. */
function padded<T extends Uint8Array | Float32Array>(rows: T, length: number): T {
  if (rows.length === length) return rows;
  const whole = new (rows.constructor as new (length: number) => T)(length);
  whole.set(rows);
  return whole;
}
