/**
 * `subject-modulo`: the de-facto protocol of CK+: subject ids sorted by code unit, fold k tests ids[k::folds]. Nobody is
 * on two sides; class shares are left to chance. The seed matters only where validation is carved.
 */
import { foldCount, foldsOf, unnamed } from "./folds.js";
import { requireSubjects, sortedGroups } from "./groups.js";
import type { FoldPolicy } from "./policy.js";

export const subjectModulo: FoldPolicy = {
  kind: "folds",
  name: "subject-modulo",
  summary: "subjects sorted by id, fold k tests every k-th of them: the protocol of CK+ with ten folds",
  uses: ["seed", "valShare", "folds"],
  carves: true,
  fold(items, settings) {
    requireSubjects("subject-modulo", { items, groupKind: settings.groupKind });
    const ids = sortedGroups(items);
    const folds = foldCount("subject-modulo", { asked: settings.folds, count: ids.length, what: "subjects" });
    const foldOf = new Map(ids.map((id, index) => [id, index % folds]));
    const testFold = Uint32Array.from(items, (item) => foldOf.get(item.group!)!);
    return foldsOf(items, { ...settings, testFold, names: unnamed(folds), apart: "groups" });
  },
};
