/** Which training samples of large classes are too many: all but `cap` of a class, by seed. */
import { shuffle, splitRandom } from "@fer/core";
import { positionsByClass, type SplitItem } from "./policies/split-item.js";

/** @param train positions in `samples` */
export function overCap(
  samples: readonly SplitItem[],
  { train, cap, seed }: { train: readonly number[]; cap: number | null; seed: number },
): number[] {
  if (cap === null) return [];
  const members = train.map((i) => samples[i]!);
  return [...positionsByClass(members)].flatMap(([label, positions]) =>
    Array.from(shuffle(positions.slice(), splitRandom(seed, `cap ${label}`)).subarray(cap), (at) => train[at]!),
  );
}
