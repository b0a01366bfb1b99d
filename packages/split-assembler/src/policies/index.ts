/** All split policies by name. */
import { crossDataset } from "./cross-dataset.js";
import { foldsFromFile, fromFile } from "./from-file.js";
import { group } from "./group.js";
import { groupKfold } from "./group-kfold.js";
import { kfold } from "./kfold.js";
import { leaveOneSubjectOut } from "./leave-one-subject-out.js";
import { official } from "./official.js";
import { original } from "./original.js";
import type { SplitPolicy } from "./policy.js";
import { ratio } from "./ratio.js";
import { subject } from "./subject.js";
import { subjectKfold } from "./subject-kfold.js";
import { subjectModulo } from "./subject-modulo.js";

export const policies = {
  original,
  ratio,
  subject,
  group,
  official,
  "cross-dataset": crossDataset,
  "from-file": fromFile,
  kfold,
  "group-kfold": groupKfold,
  "subject-kfold": subjectKfold,
  "leave-one-subject-out": leaveOneSubjectOut,
  "subject-modulo": subjectModulo,
  "folds-from-file": foldsFromFile,
} as const satisfies Record<string, SplitPolicy>;

/** Name of a split policy. */
export type PolicyName = keyof typeof policies;

/** Names for options and help. */
export const POLICY_NAMES = Object.keys(policies) as [PolicyName, ...PolicyName[]];
