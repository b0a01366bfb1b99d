/** Which training samples of large classes are too many: all but `cap` of a class, by seed. */
import { shuffle, splitRandom } from "@fer/core";
import { type Items, pickedItems, positionsByClass } from "./policies/split-item.js";

/** @param train positions in `samples` */
export function overCap(
  samples: Items,
  { train, cap, seed }: { train: Uint32Array; cap: number | null; seed: number },
): number[] {
  if (cap === null) return [];
  const members = pickedItems(samples, train);
  return [...positionsByClass(members)].flatMap(([label, positions]) =>
    Array.from(shuffle(positions.slice(), splitRandom(seed, `cap ${label}`)).subarray(cap), (at) => train[at]!),
  );
}
