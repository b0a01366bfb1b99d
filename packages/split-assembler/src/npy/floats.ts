/** float32 arrays of two dimensions, as NumPy writes them. */
import { writeFile } from "node:fs/promises";
import { encodeNpyHeader } from "@fer/core";

/** Writes `values` as `[values.length / columns, columns]`. */
export async function writeFloats(
  path: string,
  { values, columns }: { values: Float32Array; columns: number },
): Promise<void> {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  await writeFile(path, Buffer.concat([encodeNpyHeader("float32", [values.length / columns, columns]), data]), {
    flush: true,
  });
}
