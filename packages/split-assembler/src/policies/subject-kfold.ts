/**
 * `subject-kfold`: folds of people: nobody is on two sides of a fold, class shares are close. The honest estimate from
 * few people, each of whom is tested once.
 */
import { foldsOfGroups } from "./group-kfold.js";
import { requireSubjects } from "./groups.js";
import type { FoldPolicy } from "./policy.js";

export const subjectKfold: FoldPolicy = {
  kind: "folds",
  name: "subject-kfold",
  summary: "folds by seed, no person on two sides, class shares close",
  uses: ["seed", "valShare", "folds"],
  fold(items, settings) {
    requireSubjects("subject-kfold", { items, groupKind: settings.groupKind });
    return foldsOfGroups(items, { ...settings, policy: "subject-kfold" });
  },
};
