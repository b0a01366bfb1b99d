/**
 * Looks for what stands on both sides of a split: the same pixels, nearly the same pixels, the same groups; and for
 * the same pixels under two labels. `full` repeats the other parts and is left out.
 */
import type { LeakReport, Part } from "../set/schema.js";
import { NumberMap } from "./number-map.js";

/** What the search needs of a sample. */
export interface LeakSample {
  label: number;
  group: string | null;
  /** A number, from 0 on, that pictures of the same pixels share. */
  pixels: number;
  /** A number, from 0 on, that the pictures of one photo share; `null` where near ones were not looked for. */
  photo: number | null;
  /** Parts that the sample is in. */
  parts: readonly Part[];
}

/** `label` is not known, or there are several. */
const SEVERAL = -2;
const NONE = -1;

/**
 * Counts leaks between the parts of a set.
 *
 * @param samples is walked through several times and not kept
 * @example
 * ```ts
 * import { findLeaks } from "@fer/core";
 *
 * const sample = { label: 0, group: "a", pixels: 0, photo: 1 };
 * console.log(findLeaks([{ ...sample, parts: ["train"] }, { ...sample, parts: ["test"] }]));
 * // { exact: 1, near: 0, groups: 1, conflicts: 0 }
 * ```
 */
export function findLeaks(samples: Iterable<LeakSample>): LeakReport {
  const trainedPixels = new NumberMap();
  const trainedPhotos = new NumberMap();
  const labels = new NumberMap({ none: NONE });
  let isLookedFor = true;
  for (const { label, pixels, photo, parts } of samples) {
    const known = labels.get(pixels);
    if (known !== label) labels.set(pixels, known === NONE ? label : SEVERAL);
    if (photo === null) isLookedFor = false;
    if (!parts.includes("train")) continue;
    trainedPixels.set(pixels, 1);
    if (photo !== null) trainedPhotos.set(photo, 1);
  }
  let exact = 0;
  let near = 0;
  let conflicts = 0;
  for (const { pixels, photo, parts } of samples) {
    if (labels.get(pixels) === SEVERAL) conflicts += 1;
    if (!parts.includes("val") && !parts.includes("test")) continue;
    if (trainedPixels.get(pixels) === 1) exact += 1;
    else if (photo !== null && trainedPhotos.get(photo) === 1) near += 1;
  }
  return { exact, near: isLookedFor ? near : null, groups: sharedGroups(samples), conflicts };
}

/** How many groups are in more than one part. */
export function sharedGroups(samples: Iterable<Pick<LeakSample, "group" | "parts">>): number {
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
