/**
 * `subject`: no person is in two parts, class shares are close to those asked for. The honest split where people are
 * known: its test accuracy is that on new faces.
 */
import { splitGroups } from "./group-split.js";
import { requireSubjects } from "./groups.js";
import type { PartPolicy } from "./policy.js";

export const subject: PartPolicy = {
  kind: "parts",
  name: "subject",
  summary: "random by seed, no person in two parts, class shares close",
  uses: ["seed", "valShare", "testShare"],
  assign(items, settings) {
    requireSubjects("subject", { items, groupKind: settings.groupKind });
    return splitGroups(items, settings);
  },
};
