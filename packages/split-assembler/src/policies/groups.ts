/** What policies that keep people (or clips, videos, photos) together ask of the samples. */
import { byCodeUnit, DatasetError } from "@fer/core";
import type { SplitSettings } from "./policy.js";
import { distinctOf, type Items, positionsOfItems, type SplitItem } from "./split-item.js";

/** Refuses samples of which it is not known who is in them. @throws DatasetError `NO_SUBJECTS` */
export function requireSubjects(
  policy: string,
  { items, groupKind }: { items: Items } & Pick<SplitSettings, "groupKind">,
): void {
  const unknown = positionsOfItems(items, ({ group }) => group === null);
  if (groupKind === "subject" && unknown.length === 0) return;
  throw new DatasetError({
    code: "NO_SUBJECTS",
    subject: `split policy ${policy}`,
    found:
      groupKind === "subject"
        ? `${unknown.length} of ${items.length} images name no subject, the first is "${items.at(unknown[0]!)!.key}"`
        : groupKind === "none"
          ? "the data do not say who is in an image"
          : `the groups of the data are ${groupKind}s, not people`,
    expected: "a subject for every image",
    fix:
      groupKind === "none" || groupKind === "subject"
        ? "Extract with a subject pattern, or use another policy: official, or ratio"
        : "Use the policy group or group-kfold, which keep whole groups together, or official",
    context: { groupKind, unknown: unknown.length },
  });
}

/** Refuses samples of which none has a group. @throws DatasetError `NO_GROUPS` */
export function requireGroups(policy: string, items: Items): void {
  for (const { group } of items) if (group !== null) return;
  throw new DatasetError({
    code: "NO_GROUPS",
    subject: `split policy ${policy}`,
    found: "no image names a group",
    expected: "a person, clip, video or photo for the images",
    fix: "Use another policy: official, or ratio",
  });
}

/** Group of an item; one without a group is a group of its own. */
export const groupOf = (item: SplitItem): string => item.group ?? `\0${item.key}`;

/** Names of the groups, by code unit. */
export const sortedGroups = (items: Items): string[] => [...distinctOf(items, groupOf)].sort(byCodeUnit);
