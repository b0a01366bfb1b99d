/**
 * Runs a training step eagerly on a registered tfjs backend: the reference that compiled engines are compared with,
 * and what runs where nothing else does.
 */
import { setImmediate } from "node:timers/promises";
import type { Tensor, TensorContainer } from "@tensorflow/tfjs";
import { withoutRandomness } from "../capture/without-randomness.js";
import type { HostTensor, PreparedStep, StepResult } from "../step.js";
import { tf } from "../tf.js";
import { predictionBlocks } from "../train/prediction-blocks.js";
import {
  prepareOn,
  RunnerStep,
  stateName,
  type StepOptions,
  type StepRunner,
  type UpdateInputs,
} from "../train/prepared-step.js";
import type { StepInputs, TrainStep } from "../train/train-step.js";
import { loadBackend, withBackend } from "./backend.js";
import { registerTrainingKernels } from "./kernels/index.js";

export interface EagerOptions extends StepOptions {
  /** A tfjs backend: `wasm`, `cpu`, or any other that is registered. */
  backend: string;
}

/**
 * Prepares a training step of `model` that runs eagerly on `backend`. The step takes a copy of the present weights;
 * the model itself never changes.
 *
 * @throws GraphError when the backend cannot be had, or the model holds a layer that no engine can train.
 */
export async function prepareEager(options: EagerOptions): Promise<PreparedStep> {
  const { backend } = options;
  await loadBackend(backend);
  registerTrainingKernels(backend);
  const program = await prepareOn(backend, options);
  return new RunnerStep(program, new EagerRunner(program, backend));
}

/** Few rows, so that the caller's thread is free in between. */
const BLOCKS = { largest: 32, filled: 0 };

class EagerRunner implements StepRunner {
  readonly runtime: string;
  readonly opCounts = {};

  constructor(
    private readonly program: TrainStep,
    private readonly backend: string,
  ) {
    this.runtime = `tfjs (${backend})`;
  }

  async update(inputs: UpdateInputs, accept: (loss: number) => void): Promise<StepResult> {
    const kept = this.run(() => {
      const { loss, correct, assignments } = withoutRandomness(() =>
        this.program.run(this.tensors(inputs), inputs.part),
      );
      for (const tensor of [loss, correct, ...assignments.map(([, value]) => value)]) tf.keep(tensor);
      return { loss, correct, assignments };
    });
    try {
      const values = await Promise.all([kept.loss.data(), kept.correct.data()]);
      const [loss, correct] = values.map(([value]) => value!) as [number, number];
      accept(loss);
      this.run(() => {
        for (const [variable, value] of kept.assignments) variable.assign(value);
      });
      return { loss, correct };
    } finally {
      tf.dispose([kept.loss, kept.correct, kept.assignments.map(([, value]) => value)]);
    }
  }

  async predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
    const { classes } = this.program.options.model;
    const result = new Float32Array(count * classes);
    for (const { start, rows, inputs: block } of predictionBlocks({ inputs, count }, BLOCKS)) {
      const probabilities = this.run(() => this.program.predict(this.rows(block, rows)));
      result.set(await probabilities.data<"float32">(), start * classes);
      probabilities.dispose();
      await setImmediate();
    }
    return result;
  }

  async read(): Promise<Map<string, HostTensor>> {
    const values = new Map<string, HostTensor>();
    for (const key of this.program.variables) {
      const { shape } = key.variable;
      values.set(stateName(key), { shape, data: (await key.variable.data<"float32">()).slice() });
    }
    return values;
  }

  write(values: ReadonlyMap<string, HostTensor>): void {
    this.run(() => {
      for (const key of this.program.variables) {
        const { shape, data } = values.get(stateName(key))!;
        key.variable.assign(tf.tensor(data.slice(), shape, "float32"));
      }
    });
  }

  dispose(): void {
    this.run(() => this.program.dispose());
  }

  private run<T>(work: () => T): T {
    return withBackend(this.backend, () => tf.tidy(work as () => TensorContainer) as T);
  }

  private rows(inputs: Uint8Array | Float32Array, count: number): Tensor {
    const shape = [count, ...this.program.options.model.inputShape];
    return tf.tensor(inputs instanceof Float32Array ? inputs : new Float32Array(inputs), shape, "float32");
  }

  private tensors({ inputs, labels, weights, count, ...scalars }: UpdateInputs): StepInputs {
    return {
      inputs: this.rows(inputs, count),
      labels: tf.tensor2d(labels, [count, this.program.options.model.classes]),
      weights: tf.tensor1d(weights),
      learningRate: tf.scalar(scalars.learningRate),
      stepSize: tf.scalar(scalars.stepSize),
      averageShare: tf.scalar(scalars.averageShare),
      step: tf.scalar(scalars.step, "int32"),
      share: tf.scalar(scalars.share),
    };
  }
}
