/** About how many items a form will yield, known before it is read: what a rest of time is computed from. */
import { open, stat } from "node:fs/promises";
import type { Folder } from "../tree/folder.js";

/** Rows that are looked at. */
const PROBE = 1 << 20;

/**
 * The number of pictures; where there are none, the rows of the largest table, from the length of its first ones.
 * An estimate: rows may name pictures that are not there, or several faces of one. `null` where nothing can be said.
 */
export async function expectedItems(folder: Folder): Promise<number | null> {
  const pictures = folder.images().length;
  if (pictures > 0) return pictures;
  let largest = { file: "", size: 0 };
  for (const file of folder.files.filter((name) => /\.(csv|tsv|jsonl)$/i.test(name))) {
    const { size } = await stat(folder.absolute(file));
    if (size > largest.size) largest = { file, size };
  }
  return largest.size === 0 ? null : estimateRows(folder.absolute(largest.file), largest.size);
}

async function estimateRows(file: string, size: number): Promise<number | null> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(PROBE, size)), 0, undefined, 0);
    let rows = 0;
    let end = 0;
    for (let at = buffer.indexOf(10); at !== -1 && at < bytesRead; at = buffer.indexOf(10, at + 1)) {
      rows += 1;
      end = at + 1;
    }
    return rows === 0 ? null : Math.round((size / end) * rows);
  } finally {
    await handle.close();
  }
}
