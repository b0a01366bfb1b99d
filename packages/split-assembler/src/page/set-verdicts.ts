/** What must be known of a set before anything is trained on it, in sentences. */
import { formatCount } from "@fer/core";
import { missingClasses, type SetInfo } from "@fer/core/set";

export interface SetVerdict {
  kind: "good" | "note" | "warning";
  text: string;
}

/**
 * Who and what stands on both sides of the split, which labels contradict each other, what is missing.
 *
 * @example
 * ```ts
 * import { openSet, setVerdicts } from "@fer/split-assembler";
 *
 * const set = await openSet("features/ckplus");
 * for (const { kind, text } of setVerdicts(set.info)) console.log(kind, text); // such as good No subject is on both sides.
 * set.close();
 * ```
 */
export function setVerdicts(info: SetInfo): SetVerdict[] {
  const { leaks, groupKind, thinned, folds, leftOut, against = [], sharedPictures: shared = [] } = info;
  const { exact, near, groups, conflicts } = leaks;
  const each = folds === undefined ? "" : ", summed over the folds";
  const people =
    groupKind === "subject" ? "people" : groupKind === "none" ? "groups of images that name one" : `${groupKind}s`;
  const found: SetVerdict[] = [];
  if (groupKind === "none")
    found.push({ kind: "warning", text: "Who is in an image is not known: the same person may be on both sides." });
  if (groups > 0) found.push({ kind: "warning", text: `On both sides: ${formatCount(groups)} ${people}${each}.` });
  else if (groupKind !== "none")
    found.push({ kind: groupKind === "subject" ? "good" : "note", text: `No ${groupKind} is on both sides.` });
  if (exact + (near ?? 0) > 0)
    found.push({
      kind: "warning",
      text: `Copies of val and test images in train: ${formatCount(exact)} exact, ${near === null ? "near ones not looked for" : `${formatCount(near)} near`}${each}.`,
    });
  else if (near === null)
    found.push({
      kind: "good",
      text: "No picture of val or test is in train; nearly the same ones were not looked for.",
    });
  else found.push({ kind: "good", text: "No picture of val or test is in train, neither exactly nor nearly." });
  if (thinned !== undefined)
    found.push({
      kind: "note",
      text: `Taken out of train as twins of val and test images: ${formatCount(thinned.exact)} exact, ${formatCount(thinned.near)} near${each}.`,
    });
  if (conflicts > 0)
    found.push({
      kind: "warning",
      text: `Images that are there under another label as well: ${formatCount(conflicts)}.`,
    });
  for (const { datasets, pictures, allOf } of shared)
    found.push({
      kind: "warning",
      text: `${datasets.join(" and ")} have pictures in common: ${formatCount(pictures)}${allOf === undefined ? "" : `, all of ${allOf.join(" and of ")}`}.`,
    });
  for (const { set, exact: same, near: almost, groups: shared } of against)
    found.push({
      kind: same + (almost ?? 0) + shared > 0 ? "warning" : "good",
      text: `Of val and test, ${set} trains on: ${formatCount(same)} images (same pixels), ${almost == null ? "near ones not known" : `${formatCount(almost)} nearly the same`}, ${formatCount(shared)} groups.`,
    });
  for (const text of missingClasses(info))
    found.push({ kind: folds === undefined ? "warning" : "note", text: `${text[0]!.toUpperCase()}${text.slice(1)}.` });
  if (leftOut !== undefined) found.push({ kind: "note", text: `In no part: ${listed(leftOut)}.` });
  return found;
}

/** `28 of rafdb/train, 7 of rafdb/test` */
export const listed = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${formatCount(count)} of ${what}`)
    .join(", ");
