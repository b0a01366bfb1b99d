/** Label arrays: one-hot float32 `[n, classes]`, written through npyjs. */
import { writeFile } from "node:fs/promises";
import { dump } from "npyjs";

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
  const oneHot = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => (oneHot[row * classes + label] = 1));
  await writeFile(path, new Uint8Array(dump(oneHot, [labels.length, classes])), { flush: true });
}
