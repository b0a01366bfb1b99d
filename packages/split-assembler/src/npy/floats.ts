/** float32 arrays of two dimensions (votes, valence and arousal), written through npyjs. */
import { writeFile } from "node:fs/promises";
import { dump } from "npyjs";

/** Writes `values` as `[values.length / columns, columns]`. */
export async function writeFloats(
  path: string,
  { values, columns }: { values: Float32Array; columns: number },
): Promise<void> {
  await writeFile(path, new Uint8Array(dump(values, [values.length / columns, columns])), { flush: true });
}
