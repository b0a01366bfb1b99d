/**
 * Whether val and test of a new set hold what other sets, or the models of runs, were trained on: the question before a
 * model is measured on it. Exact pixels, groups, and pictures whose difference hashes differ in two of 64 bits at most: of
 * what a model has seen a run keeps hashes alone. That finds pictures that were compressed, resized or made brighter,
 * and not those that were cut or mirrored, which are found between the parts of one set.
 */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { dhash, greyBytes, nearIndex, OptionsError, placesOf } from "@fer/core";
import { readSeenIndex, readTrainingIndex, RUN_FILES, RunFolder, type SeenIndex } from "@fer/core/run";
import { acceptedFingerprint, openSet, type PartReader, type SetInfo } from "@fer/core/set";
import type { Split } from "./split.js";

/** What another set, or the model of a run, has trained or chosen an epoch on. */
export interface OtherSet extends SeenIndex {
  name: string;
}

/** Reads a set, a run or an exported model. Of a set, all but its test part; of folds and of a set without train all of it. */
export async function readOther(path: string): Promise<OtherSet> {
  if (await isRun(path)) return readRun(path);
  for (const place of placesOf(path, import.meta.url)) {
    const seen = await readSeenIndex(place);
    if (seen !== null) return { name: basename(path), ...seen };
  }
  return readSet(path);
}

async function readRun(path: string): Promise<OtherSet> {
  const run = await RunFolder.open(path);
  const index = await readTrainingIndex(run);
  if (index !== null) return { name: basename(path), ...index };
  throw new OptionsError({
    code: "LEAK_UNKNOWN",
    subject: path,
    found:
      run.folds.length > 0
        ? "a run of folds, each of which has seen other images"
        : "a run that does not say what it has seen: it was made by an early version",
    expected: "a run that does, or a set",
    fix:
      run.folds.length > 0
        ? `Pass one of its folds, such as ${join(path, run.folds[0]!)}`
        : "Pass the set that it was trained on, as <folder>/<name>",
  });
}

async function readSet(path: string): Promise<OtherSet> {
  const set = await openSet(path);
  const pixels = new Set<string>();
  const groups = new Set<string>();
  const hashes = new Set<string>();
  try {
    for (const part of set.parts) {
      if (part === "test" && set.has("train")) continue;
      for await (const row of set.part(part).rows()) {
        pixels.add(row.pixel_hash);
        if (row.group !== null) groups.add(row.group);
      }
      for await (const hash of hashesOf(set.part(part))) hashes.add(hash);
    }
    const fingerprint = await acceptedFingerprint(set);
    const index = nearIndex([...hashes]);
    return {
      name: set.name,
      fingerprint,
      hasPixels: (pixelHash) => pixels.has(pixelHash),
      hasNear: (hash) => index.near(hash).length > 0,
      groups,
    };
  } finally {
    set.close();
  }
}

/** Images that are read at a time. */
const CHUNK = 256;

/** Difference hashes of the images of a part, as it stores them. */
async function* hashesOf(part: PartReader): AsyncGenerator<string> {
  const [height, width, channels] = part.shape;
  for (let from = 0; from < part.count; from += CHUNK) {
    await nextTurn();
    const count = Math.min(CHUNK, part.count - from);
    const pixels = await part.read(Uint32Array.from({ length: count }, (_, i) => from + i));
    for (let at = 0; at < pixels.length; at += part.rowLength) {
      const image = pixels.subarray(at, at + part.rowLength);
      yield dhash({ width, height, data: channels === 1 ? image : greyBytes(image) });
    }
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
  { name, fingerprint, hasPixels, hasNear, groups }: OtherSet,
): (SetInfo["against"] & object)[number] {
  const shared = new Set<string>();
  let exact = 0;
  let near = 0;
  for (const [i, { group, pixelHash, dhash: hash }] of samples.entries()) {
    if (!partsOf[i]!.some((part) => part !== "train" && part !== "full")) continue;
    if (hasPixels(pixelHash)) exact += 1;
    else if (hasNear?.(hash) === true) near += 1;
    if (group !== null && groups.has(group)) shared.add(group);
  }
  return { set: name, fingerprint, exact, near: hasNear === null ? null : near, groups: shared.size };
}
