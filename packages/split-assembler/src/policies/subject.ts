/**
 * `subject`: no person is in two parts, class shares are close to those asked for. The honest split where people are
 * known: its test accuracy is that on new faces.
 */
import { DatasetError } from "@fer/core";
import { splitGroups } from "./group-split.js";
import type { SplitPolicy } from "./policy.js";

export const subject: SplitPolicy = {
  name: "subject",
  summary: "random by seed, no person in two parts, class shares close",
  usesSettings: true,
  assign(items, settings) {
    const unknown = items.filter((item) => item.group === null);
    if (settings.groupKind !== "subject" || unknown.length > 0) {
      throw new DatasetError({
        code: "NO_SUBJECTS",
        subject: "split policy subject",
        found:
          settings.groupKind === "subject"
            ? `${unknown.length} of ${items.length} images name no subject, the first is "${unknown[0]!.key}"`
            : settings.groupKind === "none"
              ? "the data do not say who is in an image"
              : `the groups of the data are ${settings.groupKind}s, not people`,
        expected: "a subject for every image",
        fix:
          settings.groupKind === "none" || settings.groupKind === "subject"
            ? "Extract with a subject pattern, or use another policy: official, or ratio"
            : "Use the policy group, which keeps whole groups together, or official",
        context: { groupKind: settings.groupKind, unknown: unknown.length },
      });
    }
    return splitGroups(items, (item) => item.group!, settings).map((part) => [part]);
  },
};
