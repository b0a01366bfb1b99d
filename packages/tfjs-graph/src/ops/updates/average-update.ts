/**
 * Average of a weight over the steps: `average += (value - average) * averageShare`. The share of the newest weight
 * shrinks while a training is young, see {@link averageShare}.
 */
import { defineUpdate, towards } from "./update-op.js";

export const averageUpdate = defineUpdate<"average" | "value" | "averageShare", object>({
  states: ["average"],
  scalars: ["averageShare"],
  attributes: [],
  next: (a, { average, value, averageShare }) => [towards(a, { from: average, to: value, share: averageShare })],
});

/**
 * What the newest weights count for in the average after update number `update` (1 for the first): `1 - decay`, and
 * `9 / (10 + update)` while that is more, so that the first weights, which know nothing, are soon forgotten (as in
 * TensorFlow's `ExponentialMovingAverage` with a number of updates).
 */
export const averageShare = ({ decay, update }: { decay: number; update: number }): number =>
  Math.max(1 - decay, 9 / (10 + update));
