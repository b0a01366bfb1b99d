/**
 * `group`: no group (person, clip, video, photo: whatever the data know) is in two parts, class shares close. A
 * sample without a group is a group of its own. Independent of subjects only where the groups are people.
 */
import { splitGroups } from "./group-split.js";
import { requireGroups } from "./groups.js";
import type { PartPolicy } from "./policy.js";

export const group: PartPolicy = {
  kind: "parts",
  name: "group",
  summary: "random by seed, no person, clip, video or photo in two parts, class shares close",
  uses: ["seed", "valShare", "testShare"],
  assign(items, settings) {
    requireGroups("group", items);
    return splitGroups(items, settings);
  },
};
