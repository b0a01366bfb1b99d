/**
 * Tables of 48x48 grey images in the manner of FER2013: `emotion`, `pixels` and, in some, `Usage`, in any order, with
 * or without blanks in the header.
 */
import { createHash } from "node:crypto";
import { csvTable } from "../files/csv.js";
import type { Folder } from "../tree/folder.js";

/** Width and height of an image. */
const PIXEL_SIDE = 48;

/** One data row. */
export interface PixelRow {
  source: string;
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
  let row = 0;
  const columns = { file, required: ["pixels"], optional: ["emotion", "Usage"] } as const;
  for await (const { source, emotion, Usage, pixels } of csvTable(folder, columns)) {
    yield {
      source,
      row: row++,
      emotion: emotion.trim(),
      usage: Usage.trim(),
      pixels: parsePixelCell(pixels, PIXEL_SIDE * PIXEL_SIDE),
    };
  }
}

/** An image of a table as a sample's picture. */
export const pixelImage = (pixels: Uint8Array) => ({
  pixels,
  width: PIXEL_SIDE,
  height: PIXEL_SIDE,
  channels: 1 as const,
});

/** Group of an image whose twins must stay on its side of a split: 16 hex digits of the sha256 of its pixels. */
export function pixelGroup(pixels: Uint8Array): string {
  return createHash("sha256").update(pixels).digest("hex").slice(0, 16);
}

const bytes = Buffer.allocUnsafeSlow(1 << 16);

/**
 * The pixels of a cell, or a phrase that says what is wrong with it.
 *
 * @returns `[count]` uint8, row-major; or a string such as `"2303 values instead of 2304"`.
 */
export function parsePixelCell(cell: string, count: number): Uint8Array<ArrayBuffer> | string {
  return parsePlain(cell, count) ?? parse(cell, count);
}

/** Digits and single blanks only, and as many values as there should be: four times as fast as looking closely. */
function parsePlain(cell: string, count: number): Uint8Array<ArrayBuffer> | undefined {
  if (cell.length >= bytes.length) return undefined;
  const length = bytes.write(cell, "utf8");
  if (length !== cell.length) return undefined;
  bytes[length] = 32;
  const pixels = new Uint8Array(count);
  let found = 0;
  for (let at = 0; at < length; at += 1) {
    let value = bytes[at]! - 48;
    if (value < 0 || value > 9 || found === count) return undefined;
    for (let digit = bytes[++at]! - 48; digit >= 0 && digit <= 9; digit = bytes[++at]! - 48) value = value * 10 + digit;
    if (value > 255 || bytes[at] !== 32) return undefined;
    pixels[found++] = value;
  }
  return found === count ? pixels : undefined;
}

function parse(cell: string, count: number): Uint8Array<ArrayBuffer> | string {
  const pixels = new Uint8Array(count);
  let found = 0;
  let value = -1;
  for (let at = 0; at <= cell.length; at++) {
    const code = at < cell.length ? cell.charCodeAt(at) : 32;
    if (code >= 48 && code <= 57) {
      value = (value < 0 ? 0 : value * 10) + code - 48;
      if (value > 255) return `a value above 255 (value ${found + 1})`;
    } else if (code === 32 || (code >= 9 && code <= 13)) {
      if (value < 0) continue;
      if (found < count) pixels[found] = value;
      found += 1;
      value = -1;
    } else return `"${cell[at]}" among the pixels (value ${found + 1})`;
  }
  return found === count ? pixels : `${found} values instead of ${count}`;
}
