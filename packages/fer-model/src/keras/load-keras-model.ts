/**
 * Models of Keras 2 and 3, in all files that these write: a whole `.h5` or `.hdf5`, a `.keras` archive, and architecture
 * `.json` beside weights `.h5` or `.weights.h5`. Whole files are told apart by what is in them, whatever they are called.
 * No code of a file is executed.
 */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { LayersModel } from "@tensorflow/tfjs";
import { isFile } from "../is-file.js";
import { buildFromJson } from "./build-model.js";
import { assignWeights, fitWeights } from "./model-weights.js";
import { readModelFile } from "./read-model-file.js";
import { StoredModel } from "./stored-model.js";

const ENDING = /\.(json|weights\.h5|h5|hdf5|keras)$/;

/** Paths of what a model is made from. */
interface Files {
  /** Of the architecture, where the other file may not have it. */
  json: string;
  weights: string;
  /** Whether the other file may have it. */
  whole: boolean;
}

/** `name` is for messages. */
interface Architecture {
  text: string;
  name: string;
  kerasVersion?: string | undefined;
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
  const files = await filesOf(path);
  const stored = new StoredModel({ path: files.weights, whole: files.whole });
  try {
    const architecture = await architectureOf(stored, files);
    const { model, layers } = await buildFromJson(architecture.text, architecture);
    try {
      // A shape that does not fit is refused before its values are read, which may be many.
      const fitted = fitWeights(model, { layers: await stored.layers(layers), file: stored.name });
      assignWeights(fitted, await stored.values(fitted.map(({ tensor }) => tensor)));
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  } finally {
    stored.close();
  }
}

async function filesOf(path: string): Promise<Files> {
  const [, ending] = ENDING.exec(path) ?? [];
  const base = path.replace(ENDING, "");
  const json = `${base}.json`;
  if (ending === "json" || (ending === undefined && (await isFile(json)))) {
    const weights = await firstFile([".weights.h5", ".h5", ".hdf5"].map((end) => base + end));
    return { json, weights: weights ?? `${base}.h5`, whole: false };
  }
  const found = ending === undefined ? await firstFile([".keras", ".h5", ".hdf5"].map((end) => base + end)) : path;
  return { json, weights: found ?? ((await isFolder(path)) ? path : `${base}.h5`), whole: true };
}

async function architectureOf(stored: StoredModel, { json, whole }: Files): Promise<Architecture> {
  const { architecture, kerasVersion } = whole ? await stored.config() : {};
  if (architecture !== undefined) return { text: architecture, name: stored.name, kerasVersion };
  return { text: (await readModelFile(json)).toString("utf8"), name: basename(json) };
}

/** The first that is there. */
async function firstFile(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await isFile(file)) return file;
  return undefined;
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() ?? false;
