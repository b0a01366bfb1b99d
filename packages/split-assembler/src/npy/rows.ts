/** Rows of an array, e.g. those of a fold: int64 `[n]`, as NumPy indexes with. */
import { writeFile } from "node:fs/promises";
import { encodeNpyHeader } from "@fer/core";

/** Writes row numbers. */
export async function writeRows(path: string, rows: Uint32Array): Promise<void> {
  const header = encodeNpyHeader("int64", [rows.length]);
  const bytes = Buffer.alloc(header.length + 8 * rows.length);
  header.copy(bytes);
  // below 2^32: the upper half stays zero
  for (const [i, row] of rows.entries()) bytes.writeUInt32LE(row, header.length + 8 * i);
  await writeFile(path, bytes, { flush: true });
}
