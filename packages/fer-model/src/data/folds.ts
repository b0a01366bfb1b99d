/**
 * Who is tested in which fold. Over groups: the distinct group ids sorted by code unit, fold k = ids[k::folds] (the
 * usual protocol on CK+). Over samples: stratified, each class dealt out in seeded order.
 */
import { OptionsError, keyedRandom, shuffle, byCodeUnit } from "@fer/core";
import type { Subset } from "./subset.js";

/** Positions of each fold's test samples, ascending; together every position once. */
export function foldPositions(
  samples: Subset,
  options: { folds: number; foldBy: "group" | "sample"; seed: number },
): number[][] {
  const foldOf = options.foldBy === "group" ? byGroup(samples, options.folds) : bySample(samples, options);
  return Array.from({ length: options.folds }, (_, fold) => [...foldOf.keys()].filter((i) => foldOf[i] === fold));
}

function byGroup(samples: Subset, folds: number): number[] {
  const ids = [...new Set(samples.groups)];
  if (ids.includes(null)) {
    throw new OptionsError({
      code: "NO_GROUPS",
      subject: "folds",
      found: `${samples.groups.filter((group) => group === null).length} of ${samples.count} samples have no group`,
      expected: "a group for every sample, so that nobody is on both sides of a fold",
      fix: 'Set foldBy to "sample" if every sample shows somebody else',
    });
  }
  if (ids.length < folds) {
    throw new OptionsError({
      code: "TOO_FEW_GROUPS",
      subject: "folds",
      found: `${folds} folds of ${ids.length} groups`,
      expected: "at least one group in every fold",
      fix: `Set folds to ${ids.length} or less`,
    });
  }
  const fold = new Map((ids as string[]).sort(byCodeUnit).map((id, index) => [id, index % folds]));
  return samples.groups.map((group) => fold.get(group as string)!);
}

function bySample(samples: Subset, { folds, seed }: { folds: number; seed: number }): number[] {
  if (samples.count < folds) {
    throw new OptionsError({
      code: "TOO_FEW_SAMPLES",
      subject: "folds",
      found: `${folds} folds of ${samples.count} samples`,
      expected: "at least one sample in every fold",
    });
  }
  const next = keyedRandom(seed, "folds");
  const foldOf = Array.from<number>({ length: samples.count });
  let dealt = 0;
  for (let label = 0; label < samples.classes.length; label++) {
    const positions = [...samples.labels.keys()].filter((i) => samples.labels[i] === label);
    for (const i of shuffle(positions, next)) foldOf[i] = dealt++ % folds;
  }
  return foldOf;
}
