/** Rows of bytes, as indexes of what was seen keep them: a `.npy` file `[n, width]` uint8. */
import { encodeNpyHeader } from "../npy/header.js";

/** The file of rows, sorted. */
export const sortedRows = (rows: Buffer[], width: number): Buffer =>
  Buffer.concat([encodeNpyHeader("uint8", [rows.length, width]), ...rows.sort((a, b) => Buffer.compare(a, b))]);

/** The rows of a file as text, of which the first begins at `from`. */
export function rowTexts(
  bytes: Buffer,
  { from, width, as }: { from: number; width: number; as: BufferEncoding },
): string[] {
  const rows: string[] = [];
  for (let at = from; at < bytes.length; at += width) rows.push(bytes.toString(as, at, at + width));
  return rows;
}
