/** Every op that a graph can hold: those of tfjs, and our own, which say themselves what they give. */
import { arrays } from "./arrays.js";
import { convolutions } from "./convolutions.js";
import { elementwise } from "./elementwise.js";
import { matmul } from "./matmul.js";
import { pools } from "./pools.js";
import { reductions } from "./reductions.js";
import { resizes } from "./resizes.js";
import { ownOps } from "../../ops/own-ops.js";
import type { ShapeRule, ShapeRules } from "./rule.js";

const own: ShapeRules = Object.fromEntries(
  [...ownOps].map(([name, op]): [string, ShapeRule] => [
    name,
    (inputs, attributes) => ({
      outputs: op.outputs(inputs, attributes).map((shape) => ({ shape, dtype: "float32" })),
      attributes: { ...attributes },
    }),
  ]),
);

export const shapeRules: ShapeRules = {
  ...elementwise,
  ...reductions,
  ...arrays,
  ...matmul,
  ...convolutions,
  ...pools,
  ...resizes,
  ...own,
};
