/**
 * Models of Keras 2 and 3, in all files that these write: a whole `.h5` or `.hdf5`, a `.keras` archive, and architecture
 * `.json` beside weights `.h5` or `.weights.h5`. Whole files are told apart by what is in them, whatever they are called.
 * No code of a file is executed.
 */
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { setImmediate } from "node:timers/promises";
import { FormatError } from "@fer/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { readH5Layers, readModelConfig } from "./h5-weights.js";
import { readHdf5 } from "./hdf5.js";
import { isZip, readKerasArchive } from "./keras-archive.js";
import { assignWeights, fitWeights } from "./model-weights.js";
import { buildFromJson } from "./build-model.js";
import { readV3Layers } from "./v3-weights.js";

const ENDING = /\.(json|weights\.h5|h5|hdf5|keras)$/;

/** What a model is made from; names are for messages. */
interface Sources {
  architecture: { text: string; name: string; kerasVersion?: string | undefined };
  weights: { bytes: Uint8Array; name: string };
}

/**
 * Loads a model of Keras 2 or 3, or of @fer.
 *
 * Layers that Keras calls with `training=False` are loaded for prediction; training goes through them as through others.
 *
 * @param path A whole model (`.h5`, `.hdf5`, `.keras`); or architecture and weights, named by either file or without
 *   ending: `<path>.json` beside `<path>.weights.h5` or `<path>.h5`.
 * @throws {@link FormatError} when a file is missing, damaged or not of Keras, when architecture and weights do not
 *   belong together, and when TensorFlow.js lacks a layer; one of your own is known after
 *   `tf.serialization.registerClass`.
 */
export async function loadKerasModel(path: string): Promise<LayersModel> {
  const { architecture, weights } = await sourcesOf(path);
  // Reading, building and reading again take dozens of milliseconds each: others have a turn in between.
  await setImmediate();
  const { model, layers } = await buildFromJson(architecture.text, architecture);
  try {
    const { bytes, name } = weights;
    await setImmediate();
    const fitted = await readHdf5(bytes, {
      name,
      read: async (file) => {
        const stored = (await readH5Layers(file, name)) ?? readV3Layers(file, { layers, name });
        if (stored === undefined) throw otherLayout(name, file.keys());
        await setImmediate();
        return fitWeights(model, { layers: stored, file: name });
      },
    });
    assignWeights(fitted);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function sourcesOf(path: string): Promise<Sources> {
  const [, ending] = ENDING.exec(path) ?? [];
  const base = path.replace(ENDING, "");
  if (ending === "json" || (ending === undefined && (await isFile(`${base}.json`)))) {
    const weights = await firstFile([".weights.h5", ".h5", ".hdf5"].map((end) => base + end));
    return pair(`${base}.json`, weights ?? `${base}.h5`);
  }
  const found = ending === undefined ? await firstFile([".keras", ".h5", ".hdf5"].map((end) => base + end)) : path;
  const whole = found ?? ((await isFolder(path)) ? path : `${base}.h5`);
  const bytes = await read(whole);
  const name = basename(whole);
  if (isZip(bytes)) {
    const { config, kerasVersion, weights } = await readKerasArchive(bytes, name);
    return { architecture: { text: config, name, kerasVersion }, weights: { bytes: weights, name } };
  }
  const { architecture, kerasVersion } = await readHdf5(bytes, { name, read: readModelConfig });
  if (architecture === undefined) return pair(`${base}.json`, whole);
  return { architecture: { text: architecture, name, kerasVersion }, weights: { bytes, name } };
}

async function pair(json: string, weights: string): Promise<Sources> {
  const text = (await read(json)).toString("utf8");
  return {
    architecture: { text, name: basename(json) },
    weights: { bytes: await read(weights), name: basename(weights) },
  };
}

/** The first that is there. */
async function firstFile(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await isFile(file)) return file;
  return undefined;
}

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isFile() ?? false;
const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() ?? false;

async function read(path: string): Promise<Buffer> {
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

const otherLayout = (name: string, groups: readonly string[]): FormatError =>
  new FormatError({
    code: "NOT_KERAS_WEIGHTS",
    subject: name,
    found: `an HDF5 file without the attribute layer_names and without layers (groups: ${groups.slice(0, 5).join(", ") || "none"})`,
    expected: "weights as Keras 2 or 3 saves them",
    fix: 'Save them in Keras with `model.save_weights("name.weights.h5")`',
  });
