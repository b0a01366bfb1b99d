/**
 * Tables of 48x48 grey images in the manner of FER2013: `emotion`, `pixels` and, in some, `Usage`, in any order, with
 * or without blanks in the header.
 */
import { createHash } from "node:crypto";
import { csvRecords, csvRows } from "./csv.js";
import type { Folder } from "./folder.js";
import { parsePixelCell } from "./pixel-cell.js";

/** Width and height of an image. */
export const PIXEL_SIDE = 48;

/** One data row. */
export interface PixelRow {
  line: number;
  /** Number of the row, the first being 0. */
  row: number;
  /** Owner's code as written, `""` in a table without that column. */
  emotion: string;
  usage: string;
  /** `[48, 48]` uint8 row-major, or what is wrong with the cell. */
  pixels: Uint8Array<ArrayBuffer> | string;
}

/** Rows of such a table, streamed. */
export async function* pixelRows(folder: Folder, file: string): AsyncGenerator<PixelRow> {
  const rows = csvRows(folder.lines(file), { file });
  let row = 0;
  for await (const { line, values } of csvRecords(rows, {
    file,
    required: ["pixels"],
    optional: ["emotion", "Usage"],
  })) {
    yield {
      line,
      row: row++,
      emotion: values.emotion.trim(),
      usage: values.Usage.trim(),
      pixels: parsePixelCell(values.pixels, PIXEL_SIDE * PIXEL_SIDE),
    };
  }
}

/** Group of an image whose twins must stay on its side of a split: 16 hex digits of the sha256 of its pixels. */
export function pixelGroup(pixels: Uint8Array): string {
  return createHash("sha256").update(pixels).digest("hex").slice(0, 16);
}
