/** Label arrays: one-hot float32 `[n, classes]`. */
import { open } from "node:fs/promises";
import { encodeNpyHeader } from "@fer/core";
import { writeAll } from "./write-all.js";

/** Rows that are written at once. */
const ROWS = 1 << 15;

/**
 * Writes class indices as a one-hot float32 `[n, classes]` array.
 *
 * @example
 * ```ts
 * import { readOneHotLabels } from "@fer/core/set";
 * import { writeOneHotLabels } from "@fer/split-assembler";
 *
 * await writeOneHotLabels("labels.npy", { labels: Uint8Array.of(4, 0), classes: 7 });
 * console.log(await readOneHotLabels("labels.npy", 7)); // Uint8Array(2) [ 4, 0 ]
 * ```
 */
export async function writeOneHotLabels(
  path: string,
  { labels, classes }: { labels: Uint8Array; classes: number },
): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.write(encodeNpyHeader("float32", [labels.length, classes]));
    for (let from = 0; from < labels.length; from += ROWS) {
      const rows = labels.subarray(from, from + ROWS);
      const oneHot = new Float32Array(rows.length * classes);
      for (const [row, label] of rows.entries()) oneHot[row * classes + label] = 1;
      await writeAll(file, new Uint8Array(oneHot.buffer));
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
