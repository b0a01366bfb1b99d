/**
 * `group-kfold`: folds of whole groups (person, clip, video, photo: whatever the data know), class shares close. A
 * sample without a group is a group of its own. Independent of subjects only where the groups are people.
 */
import { foldCount, foldsOf, unnamed } from "./folds.js";
import { shareGroups } from "./group-split.js";
import { requireGroups, sortedGroups } from "./groups.js";
import type { FoldPolicy, FoldPositions, SplitSettings } from "./policy.js";
import type { Items } from "./split-item.js";

export const groupKfold: FoldPolicy = {
  kind: "folds",
  name: "group-kfold",
  summary: "folds by seed, no person, clip, video or photo on two sides, class shares close",
  uses: ["seed", "valShare", "folds"],
  fold(items, settings) {
    requireGroups("group-kfold", items);
    return foldsOfGroups(items, { ...settings, policy: "group-kfold" });
  },
};

/** Folds of equal shares. */
export function foldsOfGroups(
  items: Items,
  { policy, ...settings }: SplitSettings & { policy: string },
): readonly FoldPositions[] {
  const folds = foldCount(policy, { asked: settings.folds, count: sortedGroups(items).length, what: "groups" });
  const shares = Array.from({ length: folds }, () => 1 / folds);
  const testFold = shareGroups(items, { seed: settings.seed, shares });
  return foldsOf(items, { ...settings, testFold, names: unnamed(folds), apart: "groups" });
}
