/**
 * Runs a training step eagerly on a registered tfjs backend: the reference that compiled engines are compared with,
 * and what runs where nothing else does.
 */
import type { LayersModel, Tensor, TensorContainer } from "@tensorflow/tfjs";
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
import { TrainStep, type StepInputs } from "../train/train-step.js";
import { loadBackend, withBackend } from "./backend.js";
import { registerTrainingKernels } from "./kernels/index.js";

export interface EagerOptions {
  model: LayersModel;
  input: InputScaling;
  loss: LossOptions;
  optimizer: OptimizerOptions;
  /** 32-bit seed of the dropout masks. */
  seed: number;
  /** A tfjs backend: `wasm`, `cpu`, or any other that is registered. */
  backend: string;
}

/**
 * Prepares a training step of `model` that runs eagerly on `backend`. The step takes a copy of the present weights;
 * the model itself never changes.
 *
 * @throws GraphError when the backend cannot be had, or the model holds a layer that no engine can train.
 * @example
 * ```ts
 * import { prepareEager } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 2, activation: "softmax" })] });
 * const step = await prepareEager({
 *   model,
 *   input: { scale: 1, offset: 0 },
 *   loss: { labelSmoothing: 0 },
 *   optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
 *   seed: 1,
 *   backend: "cpu",
 * });
 * const batch = { inputs: new Float32Array([1, 0]), labels: new Float32Array([0, 1]), count: 1 };
 * const { loss } = await step.step(batch, { learningRate: 0.1 });
 * step.dispose();
 * ```
 */
export async function prepareEager(options: EagerOptions): Promise<PreparedStep> {
  const { backend, model, ...rest } = options;
  await loadBackend(backend);
  registerTrainingKernels(backend);
  const before = tf.getBackend();
  await tf.setBackend(backend);
  try {
    const step = new TrainStep({ ...rest, model: await rebuild(model) });
    return new EagerStep(step, backend);
  } finally {
    await tf.setBackend(before);
  }
}

class EagerStep implements PreparedStep {
  private done = 0;
  private disposed = false;

  constructor(
    private readonly program: TrainStep,
    private readonly backend: string,
  ) {}

  async step(batch: Batch, { learningRate }: { learningRate: number }): Promise<StepResult> {
    this.assertAlive();
    checkBatch(batch, this.program.options.model);
    const kept = this.fitting(batch.count, () => {
      const { loss, correct, assignments } = this.program.run(this.tensors(batch, learningRate));
      for (const tensor of [loss, correct, ...assignments.map(([, value]) => value)]) tf.keep(tensor);
      return { loss, correct, assignments };
    });
    const [loss, correct] = (await Promise.all([kept.loss.data(), kept.correct.data()])).map((values) => values[0]!);
    this.run(() => {
      // A step that was disposed while the loss was read has nothing left to assign to.
      if (Number.isFinite(loss) && !this.disposed) {
        for (const [variable, value] of kept.assignments) variable.assign(value);
      }
      tf.dispose([kept.loss, kept.correct, kept.assignments.map(([, value]) => value)]);
    });
    if (!Number.isFinite(loss)) throw notFinite(loss!, this.done);
    this.done++;
    return { loss: loss!, correct: correct! };
  }

  async predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
    this.assertAlive();
    checkRows(inputs, count, this.program.options.model.inputShape);
    const probabilities = this.fitting(count, () => this.program.predict(this.rows(inputs, count)));
    const values = await probabilities.data<"float32">();
    probabilities.dispose();
    return values;
  }

  async readState(): Promise<StepState> {
    this.assertAlive();
    const state: StepState = { step: this.done, weights: {}, slots: {} };
    for (const { kind, name, variable } of this.program.variables) {
      state[kind][name] = { shape: variable.shape, data: (await variable.data<"float32">()).slice() };
    }
    return state;
  }

  async writeState(state: StepState): Promise<void> {
    this.assertAlive();
    const { variables } = this.program;
    checkState(
      state,
      variables.map(({ kind, name, variable }) => ({ kind, name, shape: variable.shape })),
    );
    this.run(() => {
      for (const { kind, name, variable } of variables) {
        const { shape, data } = state[kind][name]!;
        variable.assign(tf.tensor(data.slice(), shape, "float32"));
      }
    });
    this.done = state.step;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.run(() => this.program.dispose());
  }

  private assertAlive(): void {
    if (this.disposed) throw disposedError();
  }

  private run<T>(work: () => T): T {
    return withBackend(this.backend, () => tf.tidy(work as () => TensorContainer) as T);
  }

  /** Runs work on a batch of this size, with its failure in words where it is one of memory. */
  private fitting<T>(rows: number, work: () => T): T {
    try {
      return this.run(work);
    } catch (cause) {
      throw explainMemory(cause, rows, `tfjs (${this.backend})`);
    }
  }

  private rows(inputs: Uint8Array | Float32Array, count: number): Tensor {
    const shape = [count, ...this.program.options.model.inputShape];
    return tf.tensor(inputs instanceof Float32Array ? inputs : new Float32Array(inputs), shape, "float32");
  }

  private tensors(batch: Batch, rate: number): StepInputs {
    const { count, labels } = batch;
    const { learningRate, stepSize, step } = stepScalars(this.program.options.optimizer, rate, this.done);
    const weights = batch.weights ?? new Float32Array(count).fill(1);
    return {
      inputs: this.rows(batch.inputs, count),
      labels: tf.tensor2d(labels, [count, this.program.options.model.classes]),
      weights: tf.tensor1d(weights),
      learningRate: tf.scalar(learningRate),
      stepSize: tf.scalar(stepSize),
      step: tf.scalar(step, "int32"),
    };
  }
}
