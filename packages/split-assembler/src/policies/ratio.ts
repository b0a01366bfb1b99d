/**
 * `ratio`: a seeded random split with the same class shares in each part. Groups are not looked at: where a person or
 * a clip has several samples, they end up on both sides (the leak report counts them).
 */
import { shuffle, splitRandom } from "@fer/core";
import type { Part } from "@fer/core/set";
import type { PartPolicy } from "./policy.js";
import { positionsByClass } from "./split-item.js";

const TRAIN: readonly Part[] = ["train"];
const VAL: readonly Part[] = ["val"];
const TEST: readonly Part[] = ["test"];

export const ratio: PartPolicy = {
  kind: "parts",
  name: "ratio",
  summary: "random by seed, equal class shares in each part; groups are not looked at",
  uses: ["seed", "valShare", "testShare"],
  assign(items, { seed, valShare, testShare }) {
    const parts: (readonly Part[])[] = Array.from({ length: items.length }, () => TRAIN);
    for (const [label, positions] of positionsByClass(items)) {
      const order = shuffle(positions.slice(), splitRandom(seed, `ratio ${label}`));
      const test = Math.round(testShare * order.length);
      const val = Math.min(Math.round(valShare * order.length), order.length - test);
      for (const position of order.subarray(0, test)) parts[position] = TEST;
      for (const position of order.subarray(test, test + val)) parts[position] = VAL;
    }
    return parts;
  },
};
