/**
 * Adam (Kingma and Ba 2015) with bias correction, in the form of Keras: epsilon is added to the uncorrected root.
 *
 *     m += (gradient - m) * (1 - beta1)
 *     v += (gradient^2 - v) * (1 - beta2)
 *     weight -= stepSize * m / (sqrt(v) + epsilon)
 *     stepSize = learningRate * sqrt(1 - beta2^t) / (1 - beta1^t), t = 1 for the first update
 *
 * With `weightDecay` it is AdamW: the weight is decayed first, by `learningRate * weightDecay`.
 */
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import { decayed } from "./decoupled-weight-decay.js";
import { hasKernel, runKernel } from "./kernel.js";

export interface AdamUpdateOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

/** The bias-corrected step size of update number `update` (1 for the first). */
export function adamStepSize(learningRate: number, update: number, options: { beta1: number; beta2: number }): number {
  return (learningRate * Math.sqrt(1 - options.beta2 ** update)) / (1 - options.beta1 ** update);
}

/** New weight and new moments. `learningRate` only drives the decay; `stepSize` comes from {@link adamStepSize}. */
export function adamUpdate(
  inputs: { weight: Tensor; m: Tensor; v: Tensor; gradient: Tensor; learningRate: Scalar; stepSize: Scalar },
  options: AdamUpdateOptions,
): { weight: Tensor; m: Tensor; v: Tensor } {
  const { weight, m, v, gradient, learningRate, stepSize } = inputs;
  const { beta1, beta2, epsilon, weightDecay } = options;
  if (hasKernel("AdamUpdate")) {
    const outputs = runKernel("AdamUpdate", { weight, m, v, gradient, learningRate, stepSize }, { ...options });
    return { weight: outputs[0]!, m: outputs[1]!, v: outputs[2]! };
  }
  const nextM = m.add(gradient.sub(m).mul(1 - beta1));
  const nextV = v.add(
    gradient
      .square()
      .sub(v)
      .mul(1 - beta2),
  );
  const move = nextM.mul(stepSize).div(nextV.sqrt().add(epsilon));
  return { weight: decayed(weight, learningRate, weightDecay).sub(move), m: nextM, v: nextV };
}
