/** Exponential moving average: `average += (value - average) * (1 - decay)`. */
import { defineUpdate, towards } from "./update-op.js";

export const emaUpdate = defineUpdate<"average" | "value", { decay: number }>({
  states: ["average"],
  scalars: [],
  attributes: ["decay"],
  next: (a, { average, value, decay }) => [towards(a, { from: average, to: value, share: a.number(1 - decay) })],
});
