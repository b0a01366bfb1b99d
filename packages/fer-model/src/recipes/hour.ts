/**
 * One hour on a few processor cores: the recipe for thousands of faces, where nothing else is asked for.
 *
 * Measured: not yet.
 */
import type { Recipe } from "./recipe.js";
import { residual } from "./residual.js";

const middle = { ...residual(16), budget: "60m" };

export const hour: Recipe = {
  name: "hour",
  title: "one hour; taken by itself from 5,000 training images on",
  settings: { small: {}, medium: middle, large: middle },
  votesShare: 0.5,
  measured: [],
};
