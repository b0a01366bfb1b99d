/**
 * Five minutes: for trying things, and to see what a set can give.
 *
 * Measured: not yet.
 */
import type { Recipe } from "./recipe.js";
import { residual } from "./residual.js";

// The average begins at the initial weights: at 0.999 a few hundred steps, on a slow machine, would leave half of those.
const narrow = { ...residual(12), batchSize: 64, learningRate: 0.0028, ema: 0.99, budget: "5m" };

export const fast: Recipe = {
  name: "fast",
  title: "five minutes, to try things",
  settings: { small: {}, medium: narrow, large: narrow },
  votesShare: 0.5,
  measured: [],
};
