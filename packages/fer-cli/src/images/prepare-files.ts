/** Image files -> rows for a model: found, decoded and made square as the assembler does it. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { byCodeUnit } from "@fer/core";
import { type DecoderName, isImageName, prepareImage } from "@fer/dataset-extractors";
import { DatasetError, OptionsError } from "@fer/core/errors";
import type { ModelInfo } from "@fer/core/run";
import type { Fit } from "@fer/core/set";

/** Pictures of a chunk are in memory at the same time. */
const CHUNK = 4096;

/** How files become rows. */
export interface PrepareSettings {
  model: Pick<ModelInfo, "size" | "channels">;
  fit: Fit;
  decoder: DecoderName;
}

/** Files that are named, and those of folders that are named, sorted by code unit within each folder. */
export async function imageFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const info = await stat(path).catch((cause: unknown) => {
      throw new OptionsError({ code: "NO_FILE", subject: path, found: "no such file or folder", cause });
    });
    if (!info.isDirectory()) files.push(path);
    else {
      const names = (await readdir(path)).filter((name) => isImageName(name)).sort(byCodeUnit);
      if (names.length === 0) {
        throw new DatasetError({
          code: "EMPTY_FOLDER",
          subject: path,
          found: "no picture in this folder",
          expected: "png, jpg or other pictures right in it",
        });
      }
      files.push(...names.map((name) => join(path, name)));
    }
  }
  return files;
}

/** Rows `[n, size, size, channels]`, raw 0..255, a few thousand at a time. */
export async function* prepareFiles(files: readonly string[], settings: PrepareSettings): AsyncGenerator<Uint8Array> {
  const { model, fit, decoder } = settings;
  const { size, channels } = model;
  const length = size * size * channels;
  for (let from = 0; from < files.length; from += CHUNK) {
    const chunk = files.slice(from, from + CHUNK);
    const rows = new Uint8Array(chunk.length * length);
    for (const [i, file] of chunk.entries()) {
      rows.set(await prepareImage(file, { size, channels, fit, decoder }), i * length);
    }
    yield rows;
  }
}
