/**
 * `group`: no group (person, clip, video, photo: whatever the data know) is in two parts, class shares close. A
 * sample without a group is a group of its own. Independent of subjects only where the groups are people.
 */
import { DatasetError } from "@fer/core";
import { splitGroups } from "./group-split.js";
import type { SplitPolicy } from "./policy.js";

export const group: SplitPolicy = {
  name: "group",
  summary: "random by seed, no person, clip, video or photo in two parts, class shares close",
  usesSettings: true,
  assign(items, settings) {
    if (items.every((item) => item.group === null)) {
      throw new DatasetError({
        code: "NO_GROUPS",
        subject: "split policy group",
        found: "no image names a group",
        expected: "a person, clip, video or photo for the images",
        fix: "Use another policy: official, or ratio",
      });
    }
    return splitGroups(items, (item) => item.group ?? `\0${item.key}`, settings).map((part) => [part]);
  },
};
