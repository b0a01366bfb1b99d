/** Label arrays: one-hot float32 `[n, classes]`. */
import { readFile } from "node:fs/promises";
import { FormatError } from "../errors.js";
import { decodeNpyHeader } from "../npy/header.js";

/**
 * Reads a one-hot float32 `[n, classes]` array as class indices `[n]`.
 *
 * @throws FormatError where the array has another shape or type, or a row is not one-hot
 */
export async function readOneHotLabels(path: string, classes: number): Promise<Uint8Array> {
  const bytes = await readFile(path);
  const { dtype, descr, shape, fortranOrder, dataOffset } = decodeNpyHeader(bytes, path);
  const count = shape[0] ?? 0;
  const length = count * classes;
  const fits = dtype === "float32" && !fortranOrder && shape.length === 2 && shape[1] === classes;
  if (!fits || bytes.length - dataOffset !== length * 4) {
    throw new FormatError({
      code: "BAD_LABELS",
      subject: path,
      found: `an array of ${dtype ?? descr} with shape [${shape.join(", ")}]${fortranOrder ? " in Fortran order" : ""} in ${bytes.length} bytes`,
      expected: `one-hot float32 labels [n, ${classes}]`,
      fix: "Assemble the set again",
    });
  }
  const values = new Float32Array(Uint8Array.from(bytes.subarray(dataOffset)).buffer);
  const labels = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const oneHot = values.subarray(row * classes, (row + 1) * classes);
    const label = oneHot.indexOf(1);
    if (label < 0 || oneHot.some((value, c) => value !== (c === label ? 1 : 0))) {
      throw new FormatError({
        code: "NOT_ONE_HOT",
        subject: path,
        found: `row ${row} is [${oneHot.join(", ")}]`,
        expected: "a single 1 among zeros",
        fix: "Assemble the set again",
      });
    }
    labels[row] = label;
  }
  return labels;
}
