/**
 * A model on disk as Keras 2 keeps it: `<path>.json` (architecture) beside `<path>.h5` (weights), or one `.h5` or
 * `.hdf5` file of a whole saved model.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { FormatError, writeAtomic } from "@fer/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { kerasJson, modelFromKerasJson } from "./keras-architecture.js";
import { decodeKerasWeights, encodeKerasWeights } from "./keras-weights.js";
import { readModelWeights, writeModelWeights } from "./model-weights.js";

/**
 * Writes `<path>.json` and `<path>.h5`; the weights come last, so that weights on disk always have their architecture.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { architectures, loadKerasModel, saveKerasModel } from "@fer/model";
 *
 * const path = join(await mkdtemp(join(tmpdir(), "fer-")), "tiny");
 * await saveKerasModel(architectures.tiny.build(), path);
 * const model = await loadKerasModel(path);
 * console.log(model.countParams()); // 411
 * ```
 */
export async function saveKerasModel(model: LayersModel, path: string): Promise<void> {
  const weights = await encodeKerasWeights(readModelWeights(model));
  await writeAtomic(`${path}.json`, kerasJson(model));
  await writeAtomic(`${path}.h5`, weights);
}

/**
 * Loads a model: `path` names the pair `<path>.json` and `<path>.h5` (with or without one of the endings), or a file
 * of a whole saved model.
 *
 * @throws {@link FormatError} when a file is missing, damaged, no Keras file, or the two do not belong together.
 */
export async function loadKerasModel(path: string): Promise<LayersModel> {
  const base = path.replace(/\.(json|h5|hdf5)$/, "");
  const weightsPath = /\.(h5|hdf5)$/.test(path) ? path : `${base}.h5`;
  const name = basename(weightsPath);
  const { layers, architecture } = await decodeKerasWeights(await read(weightsPath), name);
  const text = architecture ?? (await read(`${base}.json`)).toString("utf8");
  const model = await modelFromKerasJson(text, architecture === undefined ? `${basename(base)}.json` : name);
  try {
    writeModelWeights(model, layers, name);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FormatError({
      code: "NO_MODEL_FILE",
      subject: path,
      found:
        (cause as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : `it cannot be read (${String(cause)})`,
      expected: "a Keras model: architecture .json beside weights .h5, or one file of a whole model",
      cause,
    });
  }
}
