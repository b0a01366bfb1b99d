/**
 * One training step as a tfjs function: forward, softmax cross-entropy, gradients, optimizer. All engines run this
 * one; eager calls it on tensors, the compiled engines trace it once.
 *
 *     loss = sum_i weights[i] * crossEntropy(model(inputs * scale + offset), smooth(labels))[i] / n + regularisers
 *
 * or the focal loss in place of the cross-entropy. A batch may be one of several that share an update: see
 * `accumulation.ts`.
 *
 * Nothing is assigned here: the new values come back as a list, so that a step with a loss that is not finite can be
 * dropped as a whole.
 */
import type { Scalar, Tensor, Tensor1D, Tensor2D, Variable } from "@tensorflow/tfjs";
import { variableOf, withValues, type ModelWeight, type RebuiltModel } from "../layers/rebuild.js";
import { StepContext, withStepContext } from "../layers/step-context.js";
import { clipByGlobalNorm } from "../ops/clip-by-global-norm.js";
import { focalCrossEntropy } from "../ops/focal-cross-entropy.js";
import { smoothLabels, softmaxCrossEntropy } from "../ops/softmax-cross-entropy.js";
import type { InputScaling, LossOptions, OptimizerOptions } from "../step.js";
import { tf } from "../tf.js";
import { Accumulation, type Part } from "./accumulation.js";
import { createOptimizer, type Optimizer } from "./optimizer.js";

export interface TrainStepOptions {
  model: RebuiltModel;
  input: InputScaling;
  loss: LossOptions;
  optimizer: OptimizerOptions;
  /** 32-bit seed of the dropout masks. */
  seed: number;
  /** Whether it only predicts. */
  frozen?: boolean | undefined;
}

export interface StepInputs {
  /** `[n, ...input shape]`, int32 (from uint8) or float32. */
  inputs: Tensor;
  /** `[n, classes]` float32. */
  labels: Tensor2D;
  /** `[n]` float32. */
  weights: Tensor1D;
  learningRate: Scalar;
  /** Bias-corrected step size of Adam; see `adamStepSize`. SGD ignores it. */
  stepSize: Scalar;
  /** What the new weights count for in their average; see `averageShare`. */
  averageShare: Scalar;
  /** int32: number of the batch, from 0, which decides dropout masks. */
  step: Scalar;
  /** Of the rows of an update in which this batch is a part. */
  share: Scalar;
}

export interface StepOutputs {
  loss: Scalar;
  /** Scalar float32: rows whose arg max equals that of their label. */
  correct: Scalar;
  /** What the step changes, and the new values. */
  assignments: [Variable, Tensor][];
}

/** A variable of the step under its name in the {@link StepState}. */
export interface StepVariable {
  kind: "weights" | "slots";
  name: string;
  variable: Variable;
}

export class TrainStep {
  readonly variables: StepVariable[];
  readonly optimizer: Optimizer;
  /** Where an update may be made from several batches. */
  readonly accumulation: Accumulation | null;
  private readonly trainable: ModelWeight[];

  constructor(readonly options: TrainStepOptions) {
    const { weights } = options.model;
    this.trainable = weights.filter(({ trainable }) => trainable);
    this.optimizer = createOptimizer(options.optimizer, this.trainable);
    this.accumulation = (options.optimizer.accumulate ?? 1) === 1 ? null : new Accumulation(weights);
    this.variables = [
      ...weights.map((weight) => ({ kind: "weights" as const, name: weight.name, variable: variableOf(weight) })),
      ...this.optimizer.slots.map(({ name, variable }) => ({ kind: "slots" as const, name, variable })),
    ];
  }

  /** Runs the step, or its part of one, on the current backend. Returned tensors belong to the caller's scope. */
  run(batch: StepInputs, part: Part = "whole"): StepOutputs {
    const { seed } = this.options;
    const context = new StepContext(batch.step, { seed, before: this.accumulation?.before(part) });
    const variables = this.trainable.map(variableOf);
    let correct: Scalar | undefined;
    const { value: loss, grads } = withStepContext(context, () =>
      tf.variableGrads(() => {
        const logits = this.logits(batch.inputs, true);
        correct = tf.keep(tf.tidy(() => countCorrect(logits, batch.labels)));
        return this.loss(logits, batch);
      }, variables),
    );
    const here = variables.map((variable) => grads[variable.name]!);
    const { sam = 0 } = this.options.optimizer;
    const own = sam === 0 ? here : this.gradientsUphill(batch, { gradients: here, radius: sam });
    const gradients = part === "whole" ? own : this.accumulation!.add(own, { part, share: batch.share });
    const checked = withStatistics(loss, [...context.updates.values()]);
    const assignments =
      part === "first" || part === "middle"
        ? this.accumulation!.leave(gradients, context.updates)
        : [...context.updates, ...this.optimizer.apply(this.clipped(gradients), batch)];
    return {
      loss: checked,
      correct: untilScopeEnds(correct!),
      assignments: assignments.map(([v, t]) => [v, untilScopeEnds(t)]),
    };
  }

  private clipped(gradients: Tensor[]): Tensor[] {
    const { clipNorm } = this.options.optimizer;
    return clipNorm === null ? gradients : clipByGlobalNorm(gradients, clipNorm);
  }

  /**
   * Gradients at `weights + radius * gradients / |gradients|`, with the same dropout. Running statistics are those of the
   * weights themselves.
   */
  private gradientsUphill(batch: StepInputs, { gradients, radius }: { gradients: Tensor[]; radius: number }): Tensor[] {
    const norm = tf
      .addN(gradients.map((gradient) => gradient.square().sum()))
      .sqrt()
      .add(1e-12);
    const moved = this.trainable.map((weight, i) => variableOf(weight).add(gradients[i]!.mul(radius).div(norm)));
    const context = new StepContext(batch.step, this.options);
    const loss = (...values: Tensor[]): Tensor =>
      withValues(this.trainable, { values, run: () => this.loss(this.logits(batch.inputs, true), batch) });
    const found = withStepContext(context, () => tf.grads(loss)(moved));
    for (const statistic of context.updates.values()) statistic.dispose();
    return found;
  }

  /** Class probabilities `[n, classes]`, inference mode; of the averaged weights where the optimizer keeps them. */
  predict(inputs: Tensor): Tensor2D {
    return this.optimizer.withAveragedWeights(() => tf.softmax(this.logits(inputs, false)));
  }

  dispose(): void {
    for (const { variable } of this.optimizer.slots) variable.dispose();
    this.accumulation?.dispose();
    this.options.model.dispose();
  }

  private logits(inputs: Tensor, training: boolean): Tensor2D {
    const { scale, offset } = this.options.input;
    let x = inputs.cast("float32");
    if (scale !== 1) x = x.mul(scale);
    if (offset !== 0) x = x.add(offset);
    return this.options.model.model.apply(x, { training }) as Tensor2D;
  }

  private loss(logits: Tensor2D, { labels, weights }: StepInputs): Scalar {
    const { labelSmoothing, focal = 0 } = this.options.loss;
    const targets = smoothLabels(labels, labelSmoothing);
    const rows =
      focal === 0 ? softmaxCrossEntropy(logits, targets) : focalCrossEntropy(logits, { labels: targets, gamma: focal });
    const regularizers = this.options.model.model.calculateLosses();
    return regularizers.reduce((sum, term) => sum.add(term), rows.mul(weights).mean<Scalar>());
  }
}

/**
 * The loss, made not finite where a running statistic is not. Kernels of max and ReLU drop NaN, so that one may be in
 * the statistics while the loss looks well. Any finite statistic vanishes in the rounding of the sum.
 */
function withStatistics(loss: Scalar, statistics: Tensor[]): Scalar {
  if (statistics.length === 0) return loss;
  return loss.add(tf.addN(statistics.map((values) => values.sum())).mul(1e-30));
}

function countCorrect(logits: Tensor2D, labels: Tensor2D): Scalar {
  return logits.argMax(1).equal(labels.argMax(1)).cast("float32").sum<Scalar>();
}

/** A kept tensor as one that the surrounding `tf.tidy` frees. */
function untilScopeEnds<T extends Tensor>(tensor: T): T {
  if (!tensor.kept) return tensor;
  const clone = tensor.clone();
  tensor.dispose();
  return clone;
}
