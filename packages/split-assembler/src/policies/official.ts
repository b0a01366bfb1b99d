/** `official`: the owner's own train, val and test, for results that must be comparable with published ones. */
import { DatasetError } from "@fer/core";
import type { PartPolicy } from "./policy.js";

export const official: PartPolicy = {
  kind: "parts",
  name: "official",
  summary: "the owner's train, val and test",
  uses: [],
  assign(items) {
    const unsplit = items.filter((item) => item.split === "all");
    if (unsplit.length > 0) {
      throw new DatasetError({
        code: "NO_OFFICIAL_SPLIT",
        subject: "split policy official",
        found: `${unsplit.length} of ${items.length} images are in no split of their owner, the first is "${unsplit[0]!.key}"`,
        expected: "datasets that come with train, val or test",
        fix: "Use another policy: subject, group, or ratio",
        context: { unsplit: unsplit.length },
      });
    }
    return items.map((item) => [item.split as Exclude<typeof item.split, "all">]);
  },
};
