/**
 * Two and a half hours: the most accurate single network.
 *
 * Measured: not yet.
 */
import type { Recipe } from "./recipe.js";
import { residual } from "./residual.js";

const wide = { ...residual(20), budget: "2.5h" };

export const best: Recipe = {
  name: "best",
  title: "two and a half hours, the most accurate single network",
  settings: { small: {}, medium: wide, large: wide },
  votesShare: 0.5,
  measured: [],
};
