/**
 * Our own ops, see `ops/` for their formulas.
 *
 *     BatchNormTrain (x, gamma, beta) {epsilon} -> y, mean, variance (biased)
 *     BatchNormTrainGrad (dy, x, gamma, mean, variance) {epsilon} -> dx, dgamma, dbeta
 *     FusedBatchNorm (x, mean, variance, offset, scale) {epsilon} -> y, inference (tfjs' own)
 *     SoftmaxCrossEntropy (logits, labels) -> loss [n], dlogits [n, classes]
 *     DropoutMask (step: int32 scalar) {shape, rate, seed, layer} -> 0 or the scale
 *     SgdUpdate (weight, gradient, learningRate) {weightDecay} -> weight
 *     SgdMomentumUpdate (weight, velocity, gradient, learningRate) {momentum, nesterov, weightDecay} -> weight, velocity
 *     AdamUpdate (weight, m, v, gradient, learningRate, stepSize) {beta1, beta2, epsilon, weightDecay} -> weight, m, v
 *     EmaUpdate (average, value) {decay} -> average
 */
import type { Value } from "../graph.js";
import type { ShapeRules } from "./rule.js";

const like = (...values: (Value | undefined)[]) =>
  values.map((value) => ({ shape: value!.shape, dtype: "float32" as const }));

export const training: ShapeRules = {
  BatchNormTrain: ({ x, gamma }, { epsilon }) => ({ outputs: like(x, gamma, gamma), attributes: { epsilon } }),
  BatchNormTrainGrad: ({ x, gamma }, { epsilon }) => ({ outputs: like(x, gamma, gamma), attributes: { epsilon } }),
  FusedBatchNorm: ({ x }, { varianceEpsilon }) => ({
    outputs: like(x),
    attributes: { epsilon: varianceEpsilon ?? 1e-3 },
  }),
  SoftmaxCrossEntropy: ({ logits }) => ({
    outputs: [{ shape: [logits!.shape[0]!], dtype: "float32" }, ...like(logits)],
  }),
  DropoutMask: (_, { shape, rate, seed, layer }) => ({
    outputs: [{ shape, dtype: "float32" }],
    attributes: { shape, rate, seed, layer },
  }),
  SgdUpdate: ({ weight }, { weightDecay }) => ({ outputs: like(weight), attributes: { weightDecay } }),
  SgdMomentumUpdate: ({ weight, velocity }, { momentum, nesterov, weightDecay }) => ({
    outputs: like(weight, velocity),
    attributes: { momentum, nesterov, weightDecay },
  }),
  AdamUpdate: ({ weight, m, v }, { beta1, beta2, epsilon, weightDecay }) => ({
    outputs: like(weight, m, v),
    attributes: { beta1, beta2, epsilon, weightDecay },
  }),
  EmaUpdate: ({ average }, { decay }) => ({ outputs: like(average), attributes: { decay } }),
};
