/**
 * `original`: the split of the original framework, for results that must be comparable with its own. Per class, the
 * first floor(0.8 n) samples in key order are train, the rest is test; `full` has all. Frames of one person are on
 * both sides: accuracies on its test part say little about new faces.
 */
import type { Part } from "@fer/core/set";
import type { PartPolicy } from "./policy.js";
import { positionsByClass } from "./split-item.js";

const TRAIN: readonly Part[] = ["train", "full"];
const TEST: readonly Part[] = ["test", "full"];

export const original: PartPolicy = {
  kind: "parts",
  name: "original",
  summary: "per class the first 80 % in key order are train, the rest is test; float32; also a part full",
  uses: [],
  assign(items) {
    const parts: (readonly Part[])[] = Array.from({ length: items.length }, () => TEST);
    for (const positions of positionsByClass(items).values()) {
      for (const position of positions.subarray(0, Math.floor(0.8 * positions.length))) parts[position] = TRAIN;
    }
    return parts;
  },
};
