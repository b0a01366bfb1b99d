/** What `split: "auto"` means: the most comparable, then the most honest split that the data allow. */
import type { GroupKind } from "@fer/core/image-folder";
import type { PolicyName } from "./index.js";
import { testedParts } from "./official.js";
import { distinctOf, type Items, positionsOfItems } from "./split-item.js";

/** A policy, and one sentence that says why it was taken. */
export interface ChosenPolicy {
  policy: PolicyName;
  reason: string;
}

/** What is said where an owner labels no test part. */
function untested(items: Items): string {
  const val = testedParts(items).filter((selector) => selector.endsWith("/val"));
  return val.length === 0
    ? ""
    : `. No test part is labelled: ${val.join(", ")} is tested, and validation is carved out of train`;
}

/**
 * The owner's parts where every image is in one of them; else people apart where every image names its person; else
 * clips, videos or photos apart; else a random split, on both sides of which the same person may stand.
 */
export function choosePolicy(items: Items, groupKind: GroupKind): ChosenPolicy {
  const owners = distinctOf(items, ({ split }) => split);
  if (!owners.has("all") && owners.has("train"))
    return {
      policy: "official",
      reason: `every image is in a part of its owner (${[...owners].sort().join(", ")})${untested(items)}`,
    };
  const ungrouped = positionsOfItems(items, (item) => item.group === null).length;
  if (groupKind === "subject" && ungrouped === 0)
    return { policy: "subject", reason: "the owner gives no parts, and every image names its person" };
  if (groupKind !== "none" && ungrouped < items.length) {
    const kept = groupKind === "subject" ? `a person, but ${ungrouped} images name none` : `a ${groupKind}`;
    return {
      policy: "group",
      reason: `the owner gives no parts; images of one group (${kept}) stay together. The same person may be on both sides`,
    };
  }
  return {
    policy: "ratio",
    reason: "neither parts of the owner nor people are known. The same person may be on both sides",
  };
}
