/**
 * Looks a finished image folder (or several together) over: counts, twins, label conflicts, black, blank and blurred
 * pictures. Reads only; what it finds is returned, and drawn by `contact-sheet.ts` and `findings-page.ts`.
 */
import { join } from "node:path";
import { z } from "zod";
import {
  exactDuplicates,
  type FindingItem,
  labelConflicts,
  nearDuplicates,
  parseOptions,
  type TaskHooks,
} from "@fer/core";
import { isBlack, isBlank, isDark, type PictureStats } from "./picture-stats.js";
import { type DatasetInfo, readDatasetInfo, readMetadata, sourceNames } from "@fer/core/image-folder";
import { DecoderName } from "../image/decoder-name.js";
import { runBatches } from "../threads/run-batches.js";
import { Workers } from "../threads/workers.js";
import type { ExtractedPicture } from "../image/shows-extracted.js";
import { photosOf } from "../twins/photos-of.js";
import { SKETCH_BYTES } from "../twins/sketch.js";
import { type PictureFound, statsOfFiles } from "./files-stats.js";

export const InspectOptions = z.strictObject({
  workers: Workers,
  decoder: DecoderName.default("jimp").describe("Library that decodes pictures (sharp is faster, and optional)"),
});
export type InspectOptions = z.infer<typeof InspectOptions>;

/** Twins of one kind; `groups` lists files. */
interface Twins {
  groups: number;
  files: number;
  acrossSplits: number;
  acrossFolders: number;
}

export interface InspectResult {
  images: number;
  /** Images by split and expression, over all folders. */
  counts: Record<string, Record<string, number>>;
  folders: { folder: string; adapter: string; form: string; images: number; fingerprint: string }[];
  duplicates: { exact: Twins; near: Twins };
  /** Groups of pixel-identical images with more than one label. */
  conflicts: number;
  black: number;
  blank: number;
  /** Nearly black ones. */
  dark: number;
  /** Those a third as sharp as the median of their split, or less. */
  blurred: number;
  /** Pictures of one face that do not look like a face. */
  noFace: number;
  undecodable: number;
  /** Pictures whose file is not there, and those whose pixels are not the ones that were extracted. */
  missing: number;
  changed: number;
  /** Median sharpness by split; a part several times less sharp than another was probably blurred by a re-packer. */
  sharpness: Record<string, number>;
  /** What a person should know, a sentence each. */
  warnings: string[];
  /** The files behind the numbers. */
  lists: {
    exact: string[][];
    near: string[][];
    conflicts: string[][];
    black: string[];
    blank: string[];
    dark: string[];
    blurred: string[];
    noFace: string[];
    undecodable: string[];
    missing: string[];
    changed: string[];
    /** Pictures of poor quality, by what is wrong with them: `source` is what a set calls them. */
    quality: QualityFinding[];
  };
}

/** A picture of poor quality. */
interface QualityFinding {
  /** As in the rows of a set, and as `assemble --exclude` reads it. */
  source: string;
  file: string;
  reason: "black" | "blank" | "dark" | "blurred" | "no-face";
}

/** Files a batch of a decoding thread. */
const BATCH = 64;
/** Two parts whose median sharpness differs by more than this factor were not made the same way. */
const BLUR_FACTOR = 4;
/** A picture that is this many times less sharp than the median of its split is blurred: 84 of 32,298 of FER2013. */
const BLURRED = 3;

/**
 * Inspects image folders, together: twins are found within and across them.
 *
 * @throws OptionsError; DatasetError where a folder is not an image folder.
 * @example
 * ```ts
 * import { inspect } from "@fer/dataset-extractors";
 *
 * const { images, duplicates, conflicts } = await inspect(["data/my-faces"]);
 * console.log(images, duplicates.exact.groups, conflicts);
 * ```
 */
export async function inspect(
  folders: readonly string[],
  { onProgress, signal, ...input }: z.input<typeof InspectOptions> & TaskHooks = {},
): Promise<InspectResult> {
  const { workers, decoder } = parseOptions(input, { schema: InspectOptions, subject: "inspect options" });
  const items: InspectedPicture[] = [];
  const counts: InspectResult["counts"] = {};
  const seen: InspectResult["folders"] = [];
  const infos: DatasetInfo[] = [];
  for (const folder of folders) infos.push(await readDatasetInfo(folder));
  const names = sourceNames(infos);
  for (const [at, folder] of folders.entries()) {
    const info = infos[at]!;
    for await (const { split, row } of readMetadata(folder, info)) {
      items.push({
        file: join(folder, split, row.file_name),
        folder,
        split,
        expression: row.expression,
        pixelHash: row.pixel_hash,
        dhash: row.dhash,
        decoder: info.decoder,
        source: `${names[at]}/${split}/${row.file_name}`,
        isCut: info.imageKind === "crop" || row.box !== null,
      });
      const perClass = (counts[split] ??= {});
      perClass[row.expression] = (perClass[row.expression] ?? 0) + 1;
    }
    const { adapter, form, fingerprint, total } = info;
    seen.push({ folder, adapter, form, images: total, fingerprint });
  }
  const stats = await statsOf(items, { workers, decoder, hooks: { onProgress, signal } });

  const exact = exactDuplicates(items);
  const almost = nearDuplicates(items, await photosAmong(items, { stats, hooks: { onProgress, signal } }));
  const conflicts = labelConflicts(items);
  const files = (indices: number[]): string[] => indices.map((i) => items[i]!.file);
  const sharpness = medianSharpness(items, stats);
  const quality = poorQuality(items, { stats, sharpness });
  const poor = (reason: QualityFinding["reason"]): string[] =>
    quality.filter((finding) => finding.reason === reason).map(({ file }) => file);
  const lists: InspectResult["lists"] = {
    exact: exact.groups.map(files),
    near: almost.groups.map(files),
    conflicts: conflicts.map(files),
    black: poor("black"),
    blank: poor("blank"),
    dark: poor("dark"),
    blurred: poor("blurred"),
    noFace: poor("no-face"),
    undecodable: items.filter((_, i) => stats[i] === "undecodable").map(({ file }) => file),
    missing: items.filter((_, i) => stats[i] === "missing").map(({ file }) => file),
    changed: items.filter((_, i) => isChanged(stats[i]!)).map(({ file }) => file),
    quality,
  };
  const twins = ({ groups, ...rest }: typeof exact): Twins => ({ groups: groups.length, ...rest });
  const result = {
    images: items.length,
    counts,
    folders: seen,
    duplicates: { exact: twins(exact), near: twins(almost) },
    conflicts: conflicts.length,
    black: lists.black.length,
    blank: lists.blank.length,
    dark: lists.dark.length,
    blurred: lists.blurred.length,
    noFace: lists.noFace.length,
    undecodable: lists.undecodable.length,
    missing: lists.missing.length,
    changed: lists.changed.length,
    sharpness,
    lists,
  };
  return { ...result, warnings: warningsOf(result) };
}

/** Numbers of the photos that the pictures show; what cannot be read is no other's twin. */
async function photosAmong(
  items: readonly FindingItem[],
  { stats, hooks }: { stats: readonly PictureFound[]; hooks: TaskHooks },
): Promise<Uint32Array> {
  const sketches = new Uint8Array(items.length * SKETCH_BYTES);
  for (const [i, found] of stats.entries()) if (typeof found === "object") sketches.set(found.sketch, i * SKETCH_BYTES);
  const pixels = items.map(({ pixelHash }) => pixelHash);
  const { photos } = await photosOf({ sketches, pixels }, hooks);
  return photos;
}

/** A picture of an image folder, and what is asked of it. */
interface InspectedPicture extends FindingItem, ExtractedPicture {
  /** As in the rows of a set. */
  source: string;
  /** Whether it is to show one face. */
  isCut: boolean;
}

/** What is wrong with pictures, one reason each, in their order. */
function poorQuality(
  items: readonly InspectedPicture[],
  { stats, sharpness }: { stats: readonly PictureFound[]; sharpness: Record<string, number> },
): QualityFinding[] {
  return items.flatMap(({ source, file, split, isCut }, i) => {
    const found = stats[i]!;
    if (typeof found !== "object") return [];
    const reason = reasonOf(found, { sharp: sharpness[split]!, isCut });
    return reason === null ? [] : [{ source, file, reason }];
  });
}

function reasonOf(
  found: PictureStats & { hasFace: boolean },
  { sharp, isCut }: { sharp: number; isCut: boolean },
): QualityFinding["reason"] | null {
  if (isBlack(found)) return "black";
  if (isBlank(found)) return "blank";
  if (isDark(found)) return "dark";
  if (found.sharpness * BLURRED < sharp) return "blurred";
  return isCut && !found.hasFace ? "no-face" : null;
}

const isChanged = (found: PictureFound): boolean => typeof found === "object" && found.isChanged;

async function statsOf(
  pictures: readonly ExtractedPicture[],
  { workers, decoder, hooks }: { workers: number; decoder: DecoderName; hooks: TaskHooks },
): Promise<PictureFound[]> {
  const work = {
    workers,
    signal: hooks.signal,
    here: (batch: ExtractedPicture[]) => statsOfFiles(batch, decoder),
    elsewhere: { file: new URL("stats-worker.js", import.meta.url), data: { decoder } },
  };
  const batches = Array.from({ length: Math.ceil(pictures.length / BATCH) }, (_, i) =>
    pictures
      .slice(i * BATCH, (i + 1) * BATCH)
      // without what else is known of them, which need not cross to another thread
      .map(({ file, pixelHash, dhash, decoder }) => ({ file, pixelHash, dhash, decoder })),
  );
  const all: PictureFound[] = [];
  for await (const { result } of runBatches(batches, work)) {
    all.push(...result);
    hooks.onProgress?.({ stage: "inspect", done: all.length, total: pictures.length, unit: "images" });
  }
  return all;
}

function medianSharpness(items: readonly FindingItem[], stats: readonly PictureFound[]): Record<string, number> {
  const bySplit: Record<string, number[]> = {};
  for (const [i, { split }] of items.entries()) {
    const found = stats[i];
    if (typeof found === "object") (bySplit[split] ??= []).push(found.sharpness);
  }
  return Object.fromEntries(
    Object.entries(bySplit).map(([split, values]) => {
      values.sort((a, b) => a - b);
      return [split, Number(values[values.length >> 1]!.toFixed(2))];
    }),
  );
}

function warningsOf(result: Omit<InspectResult, "warnings">): string[] {
  const { duplicates, conflicts, black, blank, undecodable, missing, changed, sharpness } = result;
  const warnings: string[] = [];
  if (duplicates.exact.acrossSplits > 0)
    warnings.push(
      `${duplicates.exact.acrossSplits} images of later splits have an exact twin in an earlier one: evaluations on them leak`,
    );
  if (duplicates.exact.acrossFolders > 0)
    warnings.push(`${duplicates.exact.acrossFolders} images have an exact twin in another folder`);
  if (conflicts > 0) warnings.push(`${conflicts} groups of identical images carry different labels`);
  if (black > 0) warnings.push(`${black} images are black`);
  if (blank > 0) warnings.push(`${blank} images have a single tone`);
  if (undecodable > 0) warnings.push(`${undecodable} images cannot be decoded`);
  if (missing > 0) warnings.push(`${missing} images are listed, but not there: extract the dataset again`);
  if (changed > 0) warnings.push(`${changed} images have changed since they were extracted: extract the dataset again`);
  const parts = Object.entries(sharpness).sort((a, b) => a[1] - b[1]);
  const [blurred, sharp] = [parts[0], parts.at(-1)];
  if (blurred && sharp && sharp[1] > BLUR_FACTOR * blurred[1])
    warnings.push(
      `"${blurred[0]}" is much less sharp than "${sharp[0]}" (median Laplacian deviation ${blurred[1]} against ${sharp[1]}): a public copy of FER2013 has a blurred training part`,
    );
  return warnings;
}
