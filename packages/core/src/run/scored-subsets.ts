/** Images of a part that are scored by themselves, as tables name them. */
import { formatCount } from "../numbers.js";
import type { Metrics, PartScores } from "./schema.js";

export interface ScoredSubset {
  /** Such as `without 285 twins, exact or near`. */
  name: string;
  scores: PartScores;
}

/** What stands below the scores of a part: those without twins, where there are any, and those by dataset. */
export function scoredSubsets({ twins, sources = {} }: Pick<Metrics, "twins" | "sources">): ScoredSubset[] {
  const { exact, near } = twins ?? { exact: null, near: null };
  const subset = (of: NonNullable<typeof near> | null, words: [one: string, many: string]): ScoredSubset[] => {
    if (of === null || of.images === 0 || of.without === null) return [];
    return [{ name: `without ${formatCount(of.images)} ${words[of.images === 1 ? 0 : 1]}`, scores: of.without }];
  };
  const isSame = near !== null && exact !== null && near.images === exact.images;
  return [
    ...subset(exact, ["exact twin", "exact twins"]),
    ...(isSame ? [] : subset(near, ["twin, exact or near", "twins, exact or near"])),
    ...Object.entries(sources).map(([source, scores]) => ({
      name: `of ${source}, ${formatCount(scores.count)}`,
      scores,
    })),
  ];
}
