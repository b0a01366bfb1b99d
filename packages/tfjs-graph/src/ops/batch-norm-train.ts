/**
 * Batch normalization over all axes but the last, with the statistics of the batch (Ioffe and Szegedy 2015).
 *
 *     y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
 *
 * `variance` is the biased one (divided by n, not n - 1), as in tfjs and Keras 3. The gradient is the closed form of
 * the paper, which needs two reductions; tfjs alone composes dozens of full-size ops.
 */
import type { Tensor, Tensor1D } from "@tensorflow/tfjs";
import { tf } from "../tf.js";
import { runOp, type OwnOp } from "./own-op.js";

export interface BatchNormTrainResult {
  /** Same shape as x. */
  y: Tensor;
  /** `[channels]`, mean of the batch. No gradient flows through it. */
  mean: Tensor1D;
  /** `[channels]`, biased variance of the batch. No gradient flows through it. */
  variance: Tensor1D;
}

const reductionAxes = (x: Tensor): number[] => x.shape.slice(0, -1).map((_, i) => i);

/** What is normalized, and how its channels are scaled and shifted. */
export interface BatchNormTrainInputs {
  /** `[..., channels]` float32. */
  x: Tensor;
  /** `[channels]`, scale. */
  gamma: Tensor;
  /** `[channels]`, shift. */
  beta: Tensor;
}

/** (x, gamma, beta) -> y, mean, variance */
export const batchNormTrainOp: OwnOp<"x" | "gamma" | "beta", { epsilon: number }> = {
  name: "BatchNormTrain",
  outputs: ({ x, gamma }) => [x.shape, gamma.shape, gamma.shape],
  compose({ x, gamma, beta }, { epsilon }) {
    const { mean, variance } = tf.moments(x, reductionAxes(x));
    const scale = gamma.div(variance.add(epsilon).sqrt());
    return [x.mul(scale).add(beta.sub(mean.mul(scale))), mean, variance];
  },
};

/** (dy, x, gamma, mean, variance) -> dx, dgamma, dbeta */
export const batchNormTrainGradOp: OwnOp<"dy" | "x" | "gamma" | "mean" | "variance", { epsilon: number }> = {
  name: "BatchNormTrainGrad",
  outputs: ({ x, gamma }) => [x.shape, gamma.shape, gamma.shape],
  compose({ dy, x, gamma, mean, variance }, { epsilon }) {
    const axes = reductionAxes(x);
    const n = x.size / x.shape[x.rank - 1]!;
    const inverse = variance.add(epsilon).rsqrt();
    const dbeta = dy.sum(axes);
    const dgamma = dy.mul(x.sub(mean)).sum(axes).mul(inverse);
    // dx = gamma * inverse * (dy - dbeta / n - xhat * dgamma / n), written so that each full-size pass is one mul or add.
    const scale = gamma.mul(inverse);
    const slope = scale.mul(inverse).mul(dgamma).div(n).neg();
    const shift = scale.mul(dbeta).div(n).add(slope.mul(mean)).neg();
    return [dy.mul(scale).add(x.mul(slope)).add(shift), dgamma, dbeta];
  },
};

/**
 * Normalizes `x` with the mean and variance of the batch.
 *
 * @param epsilon Added to the variance.
 * @example
 * ```ts
 * import { batchNormTrain } from "@fer/tfjs-graph/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const inputs = { x: tf.tensor2d([[0], [2]]), gamma: tf.ones([1]), beta: tf.zeros([1]) };
 * const { y } = batchNormTrain(inputs, 1e-3);
 * console.log(y.dataSync().map((value) => Number(value.toFixed(4)))); // Float32Array(2) [ -0.9994999766349792, 0.9994999766349792 ]
 * ```
 */
export function batchNormTrain(inputs: BatchNormTrainInputs, epsilon: number): BatchNormTrainResult {
  let statistics: Tensor[] = [];
  const normalize = tf.customGrad((...args: unknown[]) => {
    const [x, gamma, beta, save] = args as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const given = { inputs: { x, gamma, beta }, attributes: { epsilon } };
    const [y, mean, variance] = runOp(batchNormTrainOp, given) as [Tensor, Tensor, Tensor];
    statistics = [tf.keep(mean), tf.keep(variance)];
    save([x, gamma, mean, variance]);
    return {
      value: y,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, gamma, mean, variance] = saved as [Tensor, Tensor, Tensor, Tensor];
        return runOp(batchNormTrainGradOp, { inputs: { dy, x, gamma, mean, variance }, attributes: { epsilon } });
      },
    };
  });
  const y = normalize(inputs.x, inputs.gamma, inputs.beta);
  // Kept over the scope of the custom gradient; handed to the caller's scope as fresh clones.
  const [mean, variance] = statistics.map((kept) => {
    const clone = kept.clone();
    kept.dispose();
    return clone;
  });
  return { y, mean: mean as Tensor1D, variance: variance as Tensor1D };
}
