/**
 * What is known of a sample beside its class: the owner's votes, and valence and arousal. Arrays in the order of the
 * part, float32, NaN in the rows of samples of which it is not known.
 */
import { readFile } from "node:fs/promises";
import { FormatError } from "../errors.js";
import { decodeNpyHeader } from "../npy/header.js";
import type { Target } from "./schema.js";

/** Numbers a sample. */
export const targetColumns = (target: Target, { classes }: { classes: readonly string[] }): number =>
  target === "votes" ? classes.length : 2;

/** A float32 array of a known shape. @throws FormatError where it has another one */
export async function readFloats(path: string, shape: readonly [number, number]): Promise<Float32Array> {
  const bytes = await readFile(path);
  const { dtype, descr, shape: found, fortranOrder, dataOffset } = decodeNpyHeader(bytes, path);
  const fits = dtype === "float32" && !fortranOrder && found.join() === shape.join();
  if (fits && bytes.length - dataOffset === shape[0] * shape[1] * 4)
    return new Float32Array(Uint8Array.from(bytes.subarray(dataOffset)).buffer);
  throw new FormatError({
    code: "WRONG_ARRAY",
    subject: path,
    found: `an array of ${dtype ?? descr} with shape [${found.join(", ")}]${fortranOrder ? " in Fortran order" : ""} in ${bytes.length} bytes`,
    expected: `float32 [${shape.join(", ")}]`,
    fix: "Assemble the set again",
  });
}
