import { readFile } from "node:fs/promises";
import { FormatError } from "@fer/core/errors";

/** Reads a file of a model. @throws {@link FormatError} where that cannot be read. */
export async function readModelFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new FormatError({
      code: "NO_MODEL_FILE",
      subject: path,
      found:
        code === "ENOENT" ? "no such file" : code === "EISDIR" ? "a folder" : `it cannot be read (${String(cause)})`,
      expected: "a Keras model: one file of a whole model (.h5, .keras), or architecture .json beside weights .h5",
      ...(code === "EISDIR"
        ? { fix: "Of a run, pass its best.h5; a SavedModel has to be saved as .keras or .h5" }
        : {}),
      cause,
    });
  }
}
