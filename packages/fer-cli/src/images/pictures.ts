/** Paths -> pictures for a model: found in folders at any depth, decoded, and made square as the assembler does it. */
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { byCodeUnit, DatasetError, OptionsError } from "@fer/core";
import type { ModelInfo } from "@fer/core/run";
import type { Fit } from "@fer/core/set";
import { type DecoderName, isImageName, prepareImage } from "@fer/dataset-extractors";

/** Files that may be pictures. */
export interface FoundFiles {
  files: string[];
  /** Files and hidden entries of the folders that do not have the name of a picture. */
  others: number;
}

/**
 * Files that are named, and the pictures of folders that are named, at any depth, sorted by code unit in each. A folder
 * is entered once, also where links lead to it again.
 *
 * @throws OptionsError where a path does not exist.
 */
export async function findPictures(paths: readonly string[]): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], others: 0 };
  const entered = new Set<string>();
  for (const path of paths) {
    const info = await stat(path).catch((cause: unknown) => {
      throw new OptionsError({ code: "NO_FILE", subject: path, found: "no such file or folder", cause });
    });
    if (info.isDirectory()) await addFolder(path, found, entered);
    else found.files.push(path);
  }
  return found;
}

async function addFolder(folder: string, found: FoundFiles, entered: Set<string>): Promise<void> {
  const real = await realpath(folder);
  if (entered.has(real)) return;
  entered.add(real);
  for (const name of (await readdir(folder)).sort(byCodeUnit)) {
    const path = join(folder, name);
    // follows links; one that leads nowhere is not a picture
    const info = name.startsWith(".") ? null : await stat(path).catch(() => null);
    if (info?.isDirectory() === true) await addFolder(path, found, entered);
    else if (info?.isFile() === true && isImageName(name)) found.files.push(path);
    else found.others += 1;
  }
}

/** How files become rows. */
export interface PictureSettings {
  model: Pick<ModelInfo, "size" | "channels">;
  fit: Fit;
  decoder: DecoderName;
}

/** Some files, the rows of those that can be decoded, and what is wrong with the others. */
export interface PictureBatch {
  files: readonly string[];
  /** `[n, size, size, channels]`, raw 0..255, of the `n` files without a problem. */
  pixels: Uint8Array;
  problems: ReadonlyMap<string, string>;
}

/** Files in a batch: its pictures are in memory at the same time. */
const BATCH = 1024;

/** Decodes files, batch by batch. */
export async function* decodePictures(
  files: readonly string[],
  settings: PictureSettings,
): AsyncGenerator<PictureBatch> {
  const { model, fit, decoder } = settings;
  const { size, channels } = model;
  const length = size * size * channels;
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH);
    const pixels = new Uint8Array(batch.length * length);
    const problems = new Map<string, string>();
    let rows = 0;
    for (const file of batch) {
      try {
        pixels.set(await prepareImage(file, { size, channels, fit, decoder }), rows * length);
        rows += 1;
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
        problems.set(file, String(error.context["problem"] ?? error.message));
      }
    }
    yield { files: batch, pixels: pixels.subarray(0, rows * length), problems };
  }
}
