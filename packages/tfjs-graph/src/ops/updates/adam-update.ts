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
import { decayed, defineUpdate, towards } from "./update-op.js";

export interface AdamUpdateOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

type Input = "weight" | "m" | "v" | "gradient" | "learningRate" | "stepSize";

export const adamUpdate = defineUpdate<Input, AdamUpdateOptions>({
  states: ["weight", "m", "v"],
  scalars: ["learningRate", "stepSize"],
  attributes: ["beta1", "beta2", "epsilon", "weightDecay"],
  next(a, { m, v, gradient, stepSize, beta1, beta2, epsilon, ...given }) {
    const nextM = towards(a, { from: m, to: gradient, share: a.number(1 - beta1) });
    const nextV = towards(a, { from: v, to: a.mul(gradient, gradient), share: a.number(1 - beta2) });
    const move = a.div(a.mul(nextM, stepSize), a.add(a.sqrt(nextV), a.number(epsilon)));
    return [a.sub(decayed(a, given), move), nextM, nextV];
  },
});

/** The bias-corrected step size of update number `update` (1 for the first). */
export function adamStepSize(
  { learningRate, update }: { learningRate: number; update: number },
  { beta1, beta2 }: { beta1: number; beta2: number },
): number {
  return (learningRate * Math.sqrt(1 - beta2 ** update)) / (1 - beta1 ** update);
}
