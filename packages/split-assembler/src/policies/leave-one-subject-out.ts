/** `leave-one-subject-out`: as many folds as people, each tested once by a network that has seen everybody else. */
import { foldCount, foldsOf } from "./folds.js";
import { requireSubjects, sortedGroups } from "./groups.js";
import type { FoldPolicy } from "./policy.js";

export const leaveOneSubjectOut: FoldPolicy = {
  kind: "folds",
  name: "leave-one-subject-out",
  summary: "a fold for every person, who alone is tested in it",
  uses: ["seed", "valShare"],
  carves: true,
  fold(items, settings) {
    requireSubjects("leave-one-subject-out", { items, groupKind: settings.groupKind });
    const ids = sortedGroups(items);
    foldCount("leave-one-subject-out", { asked: 2, count: ids.length, what: "subjects" });
    const foldOf = new Map(ids.map((id, index) => [id, index]));
    const testFold = Uint32Array.from(items, (item) => foldOf.get(item.group!)!);
    return foldsOf(items, { ...settings, testFold, names: ids, apart: "groups" });
  },
};
