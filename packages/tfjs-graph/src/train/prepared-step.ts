/**
 * What the engines have in common: a copy of the model, checks of what comes in, calls one after another, the state by
 * name, and an end. An engine adds a {@link StepRunner}.
 */
import { setImmediate } from "node:timers/promises";
import type { LayersModel } from "@tensorflow/tfjs";
import { GraphError } from "../errors.js";
import { rebuild } from "../layers/rebuild.js";
import { explainMemory } from "./out-of-memory.js";
import type {
  Batch,
  HostTensor,
  InputScaling,
  LossOptions,
  OptimizerOptions,
  PreparedStep,
  StepControls,
  StepResult,
  StepState,
} from "../step.js";
import { Turns } from "../runtime/turns.js";
import { tf } from "../tf.js";
import { type BatchPart, partsOf } from "./accumulation.js";
import { checkBatch, checkRows, checkState, disposedError, frozenError, notFinite } from "./batch.js";
import { stepScalars } from "./optimizer.js";
import { TrainStep } from "./train-step.js";

/** What every engine is told. */
export interface StepOptions {
  model: LayersModel;
  input: InputScaling;
  loss: LossOptions;
  optimizer: OptimizerOptions;
  /** 32-bit seed of the dropout masks. */
  seed: number;
  /** Shape of one input row; that of the model where left out. */
  inputShape?: readonly number[] | undefined;
  /** Whether it only predicts. */
  frozen?: boolean | undefined;
}

/** A batch that fits the model, with the scalars of the step; see `stepScalars`. */
export interface UpdateInputs extends Required<Batch>, Omit<BatchPart, "batch"> {
  learningRate: number;
  stepSize: number;
  averageShare: number;
  /** Number of the batch, from 0. */
  step: number;
}

/** How one engine runs a {@link TrainStep}. Calls do not overlap, and what they are given has been checked. */
export interface StepRunner {
  /** For messages, e.g. `onnxruntime`. */
  readonly runtime: string;
  /**
   * One update, or a part of it. Calls `accept` with the loss before it changes anything; where that throws, nothing is
   * changed.
   */
  update(inputs: UpdateInputs, accept: (loss: number) => void): Promise<StepResult>;
  /** Class probabilities `[count, classes]`. */
  predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array>;
  /** Copies of the variables, by the name that {@link stateName} gives. */
  read(): Promise<ReadonlyMap<string, HostTensor>>;
  write(values: ReadonlyMap<string, HostTensor>): void | Promise<void>;
  /** Frees everything; a call that runs is left to end. */
  dispose(): void;
  /** How often each op of the runtime occurs in what has been compiled so far; empty for eager engines. */
  readonly opCounts: Readonly<Record<string, number>>;
}

/** Name of a variable among all of a step: `weights/<name>` or `slots/<name>`. */
export const stateName = ({ kind, name }: { kind: "weights" | "slots"; name: string }): string => `${kind}/${name}`;

/** The step of the model, rebuilt on `backend`; the backend that was set is set again. */
export async function prepareOn(backend: string, { model, ...options }: StepOptions): Promise<TrainStep> {
  const before = tf.getBackend();
  await tf.setBackend(backend);
  try {
    const { inputShape, ...others } = options;
    return new TrainStep({ ...others, model: await rebuild(model, inputShape) });
  } finally {
    if (before !== undefined) await tf.setBackend(before);
  }
}

/** A {@link PreparedStep} on an engine's runner. */
export class RunnerStep implements PreparedStep {
  readonly #turns = new Turns();
  #done = 0;
  #isDisposed = false;

  constructor(
    private readonly program: TrainStep,
    private readonly runner: StepRunner,
  ) {}

  get opCounts(): Readonly<Record<string, number>> {
    return this.runner.opCounts;
  }

  step(batch: Batch, { learningRate, signal }: StepControls): Promise<StepResult> {
    return this.#inTurn(async () => {
      signal?.throwIfAborted();
      const { model, optimizer } = this.#trained();
      checkBatch(batch, model);
      const { inputs, labels, count, weights = new Float32Array(count).fill(1) } = batch;
      const result = { loss: 0, correct: 0 };
      const parts = partsOf({ inputs, labels, count, weights }, optimizer.accumulate ?? 1);
      for (const [index, { part, batch: rows, share }] of parts.entries()) {
        // An eager engine keeps the thread for as long as a part takes.
        if (index > 0) await setImmediate();
        const scalars = stepScalars(optimizer, { learningRate, step: this.#done, part: index });
        const update = this.runner.update({ ...rows, ...scalars, part, share }, (loss) => this.#accept(loss));
        const { loss, correct } = await this.#fitting(rows.count, update);
        result.loss += share * loss;
        result.correct += correct;
      }
      this.#done++;
      return result;
    });
  }

  predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
    return this.#inTurn(async () => {
      checkRows({ inputs, count }, this.program.options.model.inputShape);
      return this.#fitting(count, this.runner.predict(inputs, count));
    });
  }

  readState(): Promise<StepState> {
    return this.#inTurn(async () => {
      const state: StepState = { step: this.#done, weights: {}, slots: {} };
      const values = await this.runner.read();
      for (const variable of this.program.variables)
        state[variable.kind][variable.name] = values.get(stateName(variable))!;
      return state;
    });
  }

  writeState(state: StepState): Promise<void> {
    return this.#inTurn(async () => {
      this.#trained();
      const { variables } = this.program;
      checkState(
        state,
        variables.map(({ kind, name, variable }) => ({ kind, name, shape: variable.shape })),
      );
      await this.runner.write(new Map(variables.map((key) => [stateName(key), state[key.kind][key.name]!])));
      this.#done = state.step;
    });
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.runner.dispose();
  }

  /** The options, where weights may change. */
  #trained(): TrainStep["options"] {
    if (this.program.options.frozen === true) throw frozenError();
    return this.program.options;
  }

  #accept(loss: number): void {
    if (this.#isDisposed) throw disposedError();
    if (!Number.isFinite(loss)) throw notFinite(loss, this.#done);
  }

  /** The result, or the failure in words where it is one of memory. */
  #fitting<T>(rows: number, result: Promise<T>): Promise<T> {
    return result.catch((cause: unknown) => {
      throw cause instanceof GraphError ? cause : explainMemory(cause, { rows, runtime: this.runner.runtime });
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(() => {
      if (this.#isDisposed) throw disposedError();
      return work();
    });
  }
}
