/** Takes so many images of a dataset, or of a part of it: the same share of every class, by seed. */
import { OptionsError, shuffle, splitRandom } from "@fer/core";
import { positionsByClass } from "../policies/split-item.js";
import { selected } from "../policies/selector.js";
import type { Samples } from "./samples.js";

/**
 * What is left of the samples, in their order.
 *
 * @param limits images by selector (see `selector.ts`)
 * @throws OptionsError for a selector that takes nothing, and a limit that is larger than what it takes
 */
export function limited(
  samples: Samples,
  { limits, seed }: { limits: Readonly<Record<string, number>>; seed: number },
): Samples {
  let left = samples;
  for (const [selector, limit] of Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const taken = selected("limit", { selectors: [selector], items: left });
    const of = Uint32Array.from(left.keys()).filter((i) => taken[i] === 1);
    if (limit > of.length) {
      throw new OptionsError({
        code: "LIMIT_TOO_LARGE",
        subject: "assembler options",
        found: `limit: ${limit} images of ${selector}, which has ${of.length}`,
        expected: `${of.length} at most`,
      });
    }
    for (const at of stratified(left.pick(of), { count: limit, next: splitRandom(seed, `limit ${selector}`) }))
      taken[of[at]!] = KEPT;
    left = left.pick(Uint32Array.from(left.keys()).filter((i) => taken[i] === 0 || taken[i] === KEPT));
  }
  return left;
}

/** Mark of what is taken and kept. */
const KEPT = 2;

/** Positions of so many samples, the same share of every class: whole ones first, then those with the largest rest. */
function stratified(samples: Samples, { count, next }: { count: number; next: () => number }): number[] {
  const classes = [...positionsByClass(samples).values()].map((positions) => {
    const share = (count * positions.length) / samples.length;
    return { positions, whole: Math.floor(share), rest: share - Math.floor(share) };
  });
  let missing = count - classes.reduce((sum, { whole }) => sum + whole, 0);
  for (const each of classes.toSorted((a, b) => b.rest - a.rest)) {
    if (missing === 0) break;
    each.whole += 1;
    missing -= 1;
  }
  return classes.flatMap(({ positions, whole }) => Array.from(shuffle(positions.slice(), next).subarray(0, whole)));
}
