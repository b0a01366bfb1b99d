/** A PNG that shows many pictures at once: a row of samples a class, evenly taken, so that wrong labels are seen. */
import { join } from "node:path";
import { areaMeans, EXPRESSIONS } from "@fer/core";
import { readDatasetInfo, readMetadata } from "@fer/core/image-folder";
import { type GreyPicture, paste, toGrey } from "@fer/core/pixels";
import { readPicture } from "../image/prepare-image.js";
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
  const sheet: GreyPicture = { width, height, channels: 1, data: new Uint8Array(width * height).fill(BACKGROUND) };
  for (const [row, pictures] of rows.entries()) {
    for (const [column, file] of pictures.entries()) {
      // what cannot be read is reported elsewhere, and leaves its place empty
      const picture = await readPicture(file).catch(() => undefined);
      if (picture === undefined) continue;
      const cell = thumbnail(toGrey(picture));
      const [x, y] = [column, row].map((n) => GAP + n * (CELL + GAP)) as [number, number];
      paste(cell, { into: sheet, x: x + ((CELL - cell.width) >> 1), y: y + ((CELL - cell.height) >> 1) });
    }
  }
  return encodePng(sheet);
}

function evenly(files: readonly string[], n: number): string[] {
  if (files.length <= n) return [...files];
  return Array.from({ length: n }, (_, i) => files[Math.floor((i * files.length) / n)]!);
}

/** The picture scaled to fit a cell, by the mean of what lies under each of its pixels. */
function thumbnail(picture: GreyPicture): GreyPicture {
  const scale = CELL / Math.max(picture.width, picture.height);
  const columns = Math.max(1, Math.round(picture.width * scale));
  const rows = Math.max(1, Math.round(picture.height * scale));
  return { width: columns, height: rows, channels: 1, data: areaMeans(picture, { columns, rows }) };
}
