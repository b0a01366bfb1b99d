/**
 * Whether val and test of a new set hold what other sets train on: the question before a model of one is measured on
 * the other. Exact pixels and groups; near pictures are not looked for, since a set keeps no perceptual hash.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { OptionsError } from "@fer/core";
import { RUN_FILES } from "@fer/core/run";
import { acceptedFingerprint, openSet, type SetInfo } from "@fer/core/set";
import type { Split } from "./split.js";

/** What another set trains, or chooses an epoch, on. */
export interface OtherSet {
  name: string;
  fingerprint: string;
  pixels: ReadonlySet<string>;
  groups: ReadonlySet<string>;
}

/** Reads the rows of a set: all but its test part; of folds and of a set without train all of them. */
export async function readOther(path: string): Promise<OtherSet> {
  if (await isRun(path)) {
    throw new OptionsError({
      code: "LEAK_UNKNOWN",
      subject: path,
      found: "a run, which does not keep what it was trained on",
      expected: "the set that it was trained on",
      fix: "Pass that set, as <folder>/<name>",
    });
  }
  const set = await openSet(path);
  const pixels = new Set<string>();
  const groups = new Set<string>();
  try {
    for (const part of set.parts) {
      if (part === "test" && set.has("train")) continue;
      for await (const row of set.part(part).rows()) {
        pixels.add(row.pixel_hash);
        if (row.group !== null) groups.add(row.group);
      }
    }
    return { name: set.name, fingerprint: await acceptedFingerprint(set), pixels, groups };
  } finally {
    set.close();
  }
}

const isRun = (path: string): Promise<boolean> =>
  stat(join(path, RUN_FILES.config)).then(
    () => true,
    () => false,
  );

/** Counts of images and groups of val and test; of a set of folds of all its images. */
export function countAgainst(
  { samples, partsOf }: Pick<Split, "samples" | "partsOf">,
  { name, fingerprint, pixels, groups }: OtherSet,
): (SetInfo["against"] & object)[number] {
  const heldOut = samples.filter((_, i) => partsOf[i]!.some((part) => part !== "train" && part !== "full"));
  const shared = new Set(heldOut.flatMap(({ group }) => (group !== null && groups.has(group) ? [group] : [])));
  return {
    set: name,
    fingerprint,
    exact: heldOut.filter(({ pixelHash }) => pixels.has(pixelHash)).length,
    groups: shared.size,
  };
}
