/**
 * Our own ops, see `ops/` for their formulas.
 *
 *     BatchNormTrain (x, gamma, beta) {epsilon} -> y, mean, variance (biased)
 *     BatchNormTrainGrad (dy, x, gamma, mean, variance) {epsilon} -> dx, dgamma, dbeta
 *     FusedBatchNorm (x, mean, variance, offset, scale) {epsilon} -> y, inference (tfjs' own)
 *     SoftmaxCrossEntropy (logits, labels) -> loss [n], dlogits [n, classes]
 *     DropoutMask (step: int32 scalar) {shape, rate, seed, layer} -> 0 or the scale
 *
 * Updates: see `ops/updates/`.
 */
import type { Value } from "../graph.js";
import { updateOps } from "../../ops/updates/index.js";
import type { ShapeRule, ShapeRules } from "./rule.js";

const like = (...values: (Value | undefined)[]) =>
  values.map((value) => ({ shape: value!.shape, dtype: "float32" as const }));

const updates: ShapeRules = Object.fromEntries(
  Object.entries(updateOps).map(([name, { states, attributes }]): [string, ShapeRule] => [
    name,
    (inputs, raw) => ({
      outputs: like(...states.map((state) => inputs[state])),
      attributes: Object.fromEntries(attributes.map((key) => [key, raw[key]])),
    }),
  ]),
);

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
  ...updates,
};
