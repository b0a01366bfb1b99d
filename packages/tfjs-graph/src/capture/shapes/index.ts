/** Every op that a graph can hold. */
import { arrays } from "./arrays.js";
import { convolutions } from "./convolutions.js";
import { elementwise } from "./elementwise.js";
import { matmul } from "./matmul.js";
import { pools } from "./pools.js";
import { reductions } from "./reductions.js";
import { resizes } from "./resizes.js";
import type { ShapeRules } from "./rule.js";
import { training } from "./training.js";

export const shapeRules: ShapeRules = {
  ...elementwise,
  ...reductions,
  ...arrays,
  ...matmul,
  ...convolutions,
  ...pools,
  ...resizes,
  ...training,
};
