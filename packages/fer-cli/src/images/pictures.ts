/** Paths -> the pixels that a run predicts: pictures found in folders at any depth, decoded, prepared by the run. */
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { byCodeUnit, DatasetError, OptionsError, type TaskHooks } from "@fer/core";
import type { Fit } from "@fer/core/set";
import { type DecoderName, readPicture } from "@fer/dataset-extractors/image";
import { isImageName } from "@fer/dataset-extractors/readers";
import type { Run } from "@fer/model";

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
  const addFolder = async (folder: string): Promise<void> => {
    const real = await realpath(folder);
    if (entered.has(real)) return;
    entered.add(real);
    for (const name of (await readdir(folder)).sort(byCodeUnit)) {
      const path = join(folder, name);
      // follows links; one that leads nowhere is not a picture
      const info = name.startsWith(".") ? null : await stat(path).catch(() => null);
      if (info?.isDirectory() === true) await addFolder(path);
      else if (info?.isFile() === true && isImageName(name)) found.files.push(path);
      else found.others += 1;
    }
  };
  for (const path of paths) {
    const info = await stat(path).catch((cause: unknown) => {
      throw new OptionsError({ code: "NO_FILE", subject: path, found: "no such file or folder", cause });
    });
    if (info.isDirectory()) await addFolder(path);
    else found.files.push(path);
  }
  return found;
}

/** How files become pixels. */
export interface PictureSettings {
  run: Run;
  /** As in the training if left out. */
  fit: Fit | undefined;
  decoder: DecoderName;
  hooks: Required<TaskHooks>;
}

/** Some files, the pixels of those that can be decoded, and what is wrong with the others. */
export interface PictureBatch {
  files: readonly string[];
  /** `[n, size, size, channels]`, raw 0..255, of the `n` files without a problem. */
  pixels: Uint8Array;
  problems: ReadonlyMap<string, string>;
}

/** Files in a batch: what a model sees of them is in memory at the same time. */
const BATCH = 1024;

/** Decodes files, batch by batch. */
export async function* decodePictures(
  files: readonly string[],
  { run, fit, decoder, hooks }: PictureSettings,
): AsyncGenerator<PictureBatch> {
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH);
    const rows: Uint8Array[] = [];
    const problems = new Map<string, string>();
    for (const [at, file] of batch.entries()) {
      hooks.signal.throwIfAborted();
      hooks.onProgress({ stage: "predict", done: from + at, total: files.length, unit: "images" });
      try {
        rows.push(await run.pixels(await readPicture(file, { decoder }), { fit }));
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
        problems.set(file, String(error.context["problem"] ?? error.message));
      }
    }
    // a Buffer would stand for the bytes of a picture file
    yield { files: batch, pixels: new Uint8Array(Buffer.concat(rows)), problems };
  }
}
