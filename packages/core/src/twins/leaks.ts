/**
 * Looks for what stands on both sides of a split: the same pixels, nearly the same pixels, the same groups; and for
 * the same pixels under two labels. `full` repeats the other parts and is left out.
 */
import { conflicting, twinGroups } from "./twin-groups.js";
import type { LeakReport, Part } from "../set/schema.js";

/** What the search needs of a sample. */
export interface LeakSample {
  label: number;
  group: string | null;
  pixelHash: string;
  /** A number that the pictures of one photo share; `null` where near ones were not looked for. */
  photo: number | null;
  /** Parts that the sample is in. */
  parts: readonly Part[];
}

/**
 * Counts leaks between the parts of a set.
 *
 * @example
 * ```ts
 * import { findLeaks } from "@fer/core";
 *
 * const sample = { label: 0, group: "a", pixelHash: "00", photo: 1 };
 * console.log(findLeaks([{ ...sample, parts: ["train"] }, { ...sample, parts: ["test"] }]));
 * // { exact: 1, near: 0, groups: 1, conflicts: 0 }
 * ```
 */
export function findLeaks(samples: readonly LeakSample[]): LeakReport {
  const train = samples.filter((sample) => sample.parts.includes("train"));
  const heldOut = samples.filter((sample) => sample.parts.includes("val") || sample.parts.includes("test"));
  const pixels = new Set(train.map((sample) => sample.pixelHash));
  const photos = new Set(train.map((sample) => sample.photo));
  const isLookedFor = samples.every((sample) => sample.photo !== null);
  let exact = 0;
  let near = 0;
  for (const sample of heldOut) {
    if (pixels.has(sample.pixelHash)) exact += 1;
    else if (photos.has(sample.photo)) near += 1;
  }
  return { exact, near: isLookedFor ? near : null, groups: sharedGroups(samples), conflicts: countConflicts(samples) };
}

/** How many groups are in more than one part. */
export function sharedGroups(samples: readonly Pick<LeakSample, "group" | "parts">[]): number {
  const first = new Map<string, Part>();
  const shared = new Set<string>();
  for (const { group, parts } of samples) {
    if (group === null) continue;
    for (const part of parts) {
      if (part === "full") continue;
      const known = first.get(group);
      if (known === undefined) first.set(group, part);
      else if (known !== part) shared.add(group);
    }
  }
  return shared.size;
}

/** Samples whose pixels are also there under another label. */
function countConflicts(samples: readonly LeakSample[]): number {
  const twins = twinGroups(samples.map(({ pixelHash }) => pixelHash));
  return conflicting(twins, (i) => samples[i]!.label).reduce((sum, group) => sum + group.length, 0);
}
