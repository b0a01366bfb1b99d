/** Keeps unseeded random numbers out of a step: no seed would repeat them, and a graph would repeat one draw for ever. */
import { GraphError } from "../errors.js";
import { currentLayer } from "../layers/step-context.js";

/** Runs synchronous `work`; `Math.random`, which tfjs seeds its own random ops from, throws meanwhile. */
export function withoutRandomness<T>(work: () => T): T {
  const { random } = Math;
  Math.random = () => {
    const layer = currentLayer();
    throw new GraphError({
      code: "RANDOM_IN_CAPTURE",
      subject: layer === undefined ? "captured function" : `layer "${layer}"`,
      found: "it draws random numbers in JavaScript, unseeded",
      expected: "a function of inputs, variables and step",
      fix: "Use dropoutMask of @fer/tfjs-graph/ops, or pass the random tensor as an input",
      context: { layer: layer ?? null },
    });
  };
  try {
    return work();
  } finally {
    Math.random = random;
  }
}
