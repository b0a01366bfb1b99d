/**
 * A training step compiled to a TensorFlow graph. Weights and optimizer state stay inside the session; a batch goes in
 * and two scalars come out. Each batch size is traced once; a new one adds its function to the program, and the state
 * moves over once.
 */
import type { Graph } from "../capture/graph.js";
import { withBackend } from "../eager/backend.js";
import type { HostTensor, PreparedStep, StepResult } from "../step.js";
import { capturePrediction, captureSamples, captureUpdate, signatureOf } from "../train/capture-train-step.js";
import { predictionBlocks } from "../train/prediction-blocks.js";
import {
  prepareOn,
  RunnerStep,
  stateName,
  type StepOptions,
  type StepRunner,
  type UpdateInputs,
} from "../train/prepared-step.js";
import type { TrainStep } from "../train/train-step.js";
import type { Precision } from "./lowering.js";
import type { TensorFlowPeephole } from "./peepholes/index.js";
import type { TensorFlowRuntime } from "./runtime.js";
import { TensorFlowSession } from "./session.js";

export interface TensorFlowOptions extends StepOptions {
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
 * console.log(await step.step(batch, { learningRate: 0.1 })); // such as { loss: 0.41, correct: 1 }
 * step.dispose();
 * ```
 */
export async function prepareTensorFlow(options: TensorFlowOptions): Promise<TensorFlowStep> {
  const { runtime, precision = "float32", peepholesOff = [], ...rest } = options;
  // The copy is only traced: where its variables live does not matter, and every process has the cpu backend.
  return prepareOn("cpu", rest, (program) => {
    const session = new TensorFlowSession(runtime, { precision, peepholesOff });
    session.declare(program.variables.map(({ variable }) => variable));
    const { update, prediction } = captureSamples(program);
    session.check([
      { name: "update", graph: update, guard: GUARD },
      { name: "predict", graph: prediction, guard: null },
    ]);
    return new CompiledStep(program, new TensorFlowRunner(program, session));
  });
}

/** An update whose loss is not finite writes nothing. */
const GUARD = "loss";

/** A new size loads the program again: every block is filled up. */
const BLOCKS = { largest: 256, filled: Number.POSITIVE_INFINITY };

class CompiledStep extends RunnerStep<TensorFlowRunner> implements TensorFlowStep {
  get opCounts(): Readonly<Record<string, number>> {
    return this.runner.session.opCounts;
  }
}

class TensorFlowRunner implements StepRunner {
  readonly runtime = "TensorFlow";

  constructor(
    private readonly program: TrainStep,
    readonly session: TensorFlowSession,
  ) {}

  async update(batch: UpdateInputs, accept: (loss: number) => void): Promise<StepResult> {
    const { inputs, labels, weights, count, learningRate, stepSize, step } = batch;
    const signature = signatureOf(inputs, count);
    const name = this.defined(`update_${count}_${signature.dtype}`, GUARD, () =>
      captureUpdate(this.program, signature),
    );
    const scalars = [Float32Array.of(learningRate), Float32Array.of(stepSize), Int32Array.of(step)];
    try {
      const [loss, correct] = this.session.run(name, [inputs, labels, weights, ...scalars]);
      return { loss: loss![0]!, correct: correct![0]! };
    } catch (cause) {
      const bad = /loss : Tensor had (.*?) values/.exec(cause instanceof Error ? cause.message : "");
      if (bad !== null) accept(bad[1]!.includes("NaN") ? Number.NaN : Number.POSITIVE_INFINITY);
      throw cause;
    }
  }

  async predict(inputs: Uint8Array | Float32Array, count: number): Promise<Float32Array> {
    const { classes } = this.program.options.model;
    const result = new Float32Array(count * classes);
    for (const { start, rows, size, inputs: block } of predictionBlocks(inputs, count, BLOCKS)) {
      const signature = signatureOf(block, size);
      const trace = (): Graph => capturePrediction(this.program, signature);
      const name = this.defined(`predict_${size}_${signature.dtype}`, null, trace);
      const [probabilities] = this.session.run(name, [block]);
      result.set(probabilities!.subarray(0, rows * classes) as Float32Array, start * classes);
    }
    return result;
  }

  async read(): Promise<Map<string, HostTensor>> {
    const values = this.session.values();
    return new Map(
      this.program.variables.map((key) => [
        stateName(key),
        { shape: key.variable.shape, data: values.get(key.variable)! },
      ]),
    );
  }

  write(values: ReadonlyMap<string, HostTensor>): void {
    this.session.write(new Map(this.program.variables.map((key) => [key.variable, values.get(stateName(key))!.data])));
  }

  dispose(): void {
    this.session.dispose();
    withBackend("cpu", () => this.program.dispose());
  }

  /** Makes sure that the session has the function; gives its name. */
  private defined(name: string, guard: string | null, trace: () => Graph): string {
    if (!this.session.has(name)) this.session.define(name, trace(), guard);
    return name;
  }
}
