/**
 * One image file -> one row of a set: read, decode, grey (or RGB), square. Runs in a worker or in the main thread; the
 * result is the same.
 */
import { readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type DecoderName, loadDecoder, type Picture, readHeader, toGrey } from "@fer/dataset-extractors";
import type { Fit } from "@fer/core/set";
import { fitSquare } from "./fit.js";

/** What every image of a set becomes. */
export interface ImageSettings {
  size: number;
  channels: 1 | 3;
  fit: Fit;
  decoder: DecoderName;
}

/** Rows of a batch one after another, `[files.length, size, size, channels]`, or the first file that has none. */
export type PreparedBatch = Uint8Array | { file: string; problem: string };

/** Prepares a batch. Never throws for a bad image: an error does not cross threads whole. */
export async function prepareBatch(files: readonly string[], settings: ImageSettings): Promise<PreparedBatch> {
  const decode = await loadDecoder(settings.decoder);
  const length = settings.size * settings.size * settings.channels;
  const rows = new Uint8Array(files.length * length);
  for (const [i, file] of files.entries()) {
    try {
      // Read at once, for small files cost four trips through the thread pool otherwise; signals get their turn.
      await nextTurn();
      const bytes = readFileSync(file);
      const header = readHeader(bytes);
      if (typeof header === "string") return { file, problem: header };
      rows.set(prepareImage(await decode(bytes, header), settings), i * length);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const problem =
        code === "ENOENT" ? "the file is missing" : `it cannot be read (${code ?? message.split("\n", 1)[0]})`;
      return { file, problem };
    }
  }
  return rows;
}

/**
 * A picture as a row of a set: `[size, size, channels]`, 0..255.
 *
 * @example
 * ```ts
 * import { prepareImage } from "@fer/split-assembler";
 *
 * const picture = { width: 100, height: 80, channels: 1 as const, data: new Uint8Array(8000) };
 * console.log(prepareImage(picture, { size: 48, channels: 1, fit: "stretch" }).length); // 2304
 * ```
 */
export function prepareImage(
  picture: Picture,
  { size, channels, fit }: Pick<ImageSettings, "size" | "channels" | "fit">,
): Uint8Array {
  const { width, height } = picture;
  const converted: Picture = channels === 3 ? toRgb(picture) : { width, height, channels: 1, data: toGrey(picture) };
  return fitSquare(converted, size, fit).data;
}

function toRgb(picture: Picture): Picture {
  if (picture.channels === 3) return picture;
  const data = new Uint8Array(picture.data.length * 3);
  picture.data.forEach((value, i) => data.fill(value, i * 3, i * 3 + 3));
  return { width: picture.width, height: picture.height, channels: 3, data };
}
