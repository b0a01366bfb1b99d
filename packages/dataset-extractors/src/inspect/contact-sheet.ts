/** A PNG that shows many pictures at once: a row of samples a class, evenly taken, so that wrong labels are seen. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EXPRESSIONS } from "@fer/core";
import { readDatasetInfo, readMetadata } from "@fer/core/image-folder";
import { loadDecoder } from "../image/decode.js";
import { toGrey } from "../image/grey.js";
import { readHeader } from "../image/header.js";
import { encodePng } from "../image/write-png.js";

/** Side of a cell in pixels, and the gap between cells. */
const CELL = 64;
const GAP = 4;
const BACKGROUND = 255;

/**
 * The contact sheet of an image folder as PNG bytes, grey: one row a class in canonical order (classes without images
 * are left out), `columns` pictures taken at even distances through the class.
 */
export async function contactSheet(folder: string, { columns = 12 }: { columns?: number } = {}): Promise<Buffer> {
  const info = await readDatasetInfo(folder);
  const files = new Map<string, string[]>();
  for await (const { split, row } of readMetadata(folder, info)) {
    const known = files.get(row.expression) ?? [];
    known.push(join(folder, split, row.file_name));
    files.set(row.expression, known);
  }
  const rows = EXPRESSIONS.filter((name) => files.has(name)).map((name) => evenly(files.get(name)!, columns));
  const width = columns * (CELL + GAP) + GAP;
  const height = rows.length * (CELL + GAP) + GAP;
  const sheet = new Uint8Array(width * height).fill(BACKGROUND);
  const decode = await loadDecoder("jimp");
  for (const [y, row] of rows.entries()) {
    for (const [x, file] of row.entries()) {
      const bytes = await readFile(file);
      const header = readHeader(bytes);
      if (typeof header === "string") continue;
      const picture = await decode(bytes, header);
      place(
        toGrey(picture),
        picture.width,
        picture.height,
        sheet,
        width,
        GAP + x * (CELL + GAP),
        GAP + y * (CELL + GAP),
      );
    }
  }
  return encodePng({ width, height, channels: 1, data: sheet });
}

function evenly(files: readonly string[], n: number): string[] {
  if (files.length <= n) return [...files];
  return Array.from({ length: n }, (_, i) => files[Math.floor((i * files.length) / n)]!);
}

/** Copies a picture into its cell, scaled to fit by the mean of the source pixels under each cell pixel. */
function place(
  grey: Uint8Array,
  width: number,
  height: number,
  sheet: Uint8Array,
  stride: number,
  left: number,
  top: number,
): void {
  const scale = CELL / Math.max(width, height);
  const w = Math.max(1, Math.round(width * scale));
  const h = Math.max(1, Math.round(height * scale));
  for (let y = 0; y < h; y++) {
    const y0 = Math.floor((y * height) / h);
    const y1 = Math.max(y0 + 1, Math.floor(((y + 1) * height) / h));
    for (let x = 0; x < w; x++) {
      const x0 = Math.floor((x * width) / w);
      const x1 = Math.max(x0 + 1, Math.floor(((x + 1) * width) / w));
      let sum = 0;
      for (let v = y0; v < y1; v++) for (let u = x0; u < x1; u++) sum += grey[v * width + u]!;
      const at = (top + ((CELL - h) >> 1) + y) * stride + left + ((CELL - w) >> 1) + x;
      sheet[at] = Math.round(sum / ((y1 - y0) * (x1 - x0)));
    }
  }
}
