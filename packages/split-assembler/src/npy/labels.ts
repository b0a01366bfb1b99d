/**
 * Label arrays: one-hot float32 `[n, classes]`, written and read through npyjs.
 */
import { readFile, writeFile } from "node:fs/promises";
import { FormatError } from "@fer/dataset-extractors/errors";
import { dump, parse } from "npyjs";

/**
 * Writes class indices as a one-hot float32 `[n, classes]` array.
 *
 * @example
 * ```ts
 * import { readOneHotLabels, writeOneHotLabels } from "@fer/split-assembler";
 *
 * await writeOneHotLabels("labels.npy", Uint8Array.of(4, 0), 7);
 * console.log(await readOneHotLabels("labels.npy", 7)); // Uint8Array [ 4, 0 ]
 * ```
 */
export async function writeOneHotLabels(path: string, labels: Uint8Array, classes: number): Promise<void> {
  const oneHot = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => (oneHot[row * classes + label] = 1));
  await writeFile(path, new Uint8Array(dump(oneHot, [labels.length, classes])), { flush: true });
}

/**
 * Reads a one-hot float32 `[n, classes]` array as class indices.
 *
 * @throws FormatError where the array has another shape or type, or a row is not one-hot
 */
export async function readOneHotLabels(path: string, classes: number): Promise<Uint8Array> {
  const bytes = await readFile(path);
  const { data, shape, dtype, fortranOrder } = parse(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  );
  if (!(data instanceof Float32Array) || fortranOrder || shape.length !== 2 || shape[1] !== classes) {
    throw new FormatError({
      code: "BAD_LABELS",
      subject: path,
      found: `an array of ${dtype} with shape [${shape.join(", ")}]${fortranOrder ? " in Fortran order" : ""}`,
      expected: `one-hot float32 labels [n, ${classes}]`,
      fix: "Assemble the set again",
    });
  }
  const labels = new Uint8Array(shape[0]!);
  for (let row = 0; row < labels.length; row++) {
    let ones = 0;
    for (let c = 0; c < classes; c++) {
      const value = data[row * classes + c];
      if (value === 1) {
        labels[row] = c;
        ones += 1;
      } else if (value !== 0) ones = Number.NaN;
    }
    if (ones !== 1) {
      throw new FormatError({
        code: "NOT_ONE_HOT",
        subject: path,
        found: `row ${row} is [${data.subarray(row * classes, (row + 1) * classes).join(", ")}]`,
        expected: "a single 1 among zeros",
        fix: "Assemble the set again",
      });
    }
  }
  return labels;
}
