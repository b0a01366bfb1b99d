/**
 * Weights in the HDF5 layout of Keras 1 and 2 (`model.save_weights("x.h5")`), which Keras 3 keeps for `.h5` files:
 *
 *     /                    attributes layer_names, backend, keras_version
 *     /<layer>             attribute weight_names ("conv2d/kernel:0", ...; Keras 3: "sequential/conv2d/kernel")
 *     /<layer>/<weight>    float32, row-major; convolution kernels [height, width, in, out]
 *
 * A whole saved model (`model.save("x.h5")`) has the same below `/model_weights`, and its architecture in the
 * attribute `model_config`. Lists of names that exceed HDF5's 64 KiB for an attribute are split into `layer_names0`,
 * `layer_names1`, ...
 */
import { FormatError } from "@fer/core/errors";
import type { HostTensor } from "@fer/tfjs-graph";
import type { File as Hdf5File, Group } from "h5wasm";
import { memberOf, type StoredTensor, writeHdf5 } from "./hdf5.js";

/** The version that files name: the last Keras 2, whose layout this is. */
export const KERAS_VERSION = "2.15.0";

/** HDF5 stores an attribute in an object header message of less than 64 KiB; Keras leaves the same margin. */
const ATTRIBUTE_LIMIT = 64_512;

/** Weights of one layer, in the layer's order (kernel, bias; gamma, beta, moving_mean, moving_variance). */
export interface LayerWeights {
  layer: string;
  /** `name` is Keras' with its suffix: `conv2d/kernel:0`. */
  weights: (HostTensor & { name: string })[];
}

/** The same in a file. A nested model has all its weights in one list, or layers of its own. */
export interface StoredLayer {
  layer: string;
  weights: { name: string; tensor: StoredTensor }[];
  layers?: StoredLayer[];
}

/** Architecture (JSON) and Keras version of a whole saved model; a file of weights alone has no architecture. */
export interface StoredConfig {
  architecture?: string | undefined;
  kerasVersion?: string | undefined;
}

/** What a whole-model file holds beside its weights. */
export interface WholeModel {
  /** JSON of the architecture. */
  architecture: string;
  /** What a user must feed and what comes out, as JSON; for people and programs, Keras does not look at it. */
  info?: string | undefined;
}

/**
 * Bytes of a file of a whole model. Equal contents give equal bytes.
 *
 * @param layers All layers, also those without weights, in the order of the model.
 */
export function encodeModel(layers: readonly LayerWeights[], { architecture, info }: WholeModel): Promise<Uint8Array> {
  return writeHdf5((file) => {
    file.create_attribute("backend", "tensorflow");
    file.create_attribute("keras_version", KERAS_VERSION);
    file.create_attribute("model_config", architecture);
    if (info !== undefined) file.create_attribute("fer_model", info);
    return writeLayers(file.create_group("model_weights"), layers);
  });
}

function writeLayers(root: Group, layers: readonly LayerWeights[]): number {
  let datasets = 0;
  root.create_attribute("backend", "tensorflow");
  root.create_attribute("keras_version", KERAS_VERSION);
  writeNames(root, { attribute: "layer_names", names: layers.map(({ layer }) => layer) });
  for (const { layer, weights } of layers) {
    const group = root.create_group(layer);
    writeNames(group, { attribute: "weight_names", names: weights.map(({ name }) => name) });
    for (const { name, shape, data } of weights) {
      // A scalar has no shape to pass on, and h5wasm makes the groups between by itself no more than HDF5 does.
      const parts = name.split("/");
      const leaf = parts.pop()!;
      const parent = parts.reduce(
        (at, part) => (at.get(part) as Group | null) ?? at.create_group(part),
        group as Group,
      );
      parent.create_dataset({ name: leaf, data, shape, dtype: "<f" });
      datasets++;
    }
  }
  return datasets;
}

export function readModelConfig(file: Hdf5File): StoredConfig {
  const text = (name: string) => {
    const value = file.attrs[name]?.value;
    return typeof value === "string" ? value : undefined;
  };
  const [architecture, kerasVersion] = [text("model_config"), text("keras_version")];
  return { ...(architecture === undefined ? {} : { architecture }), ...(kerasVersion ? { kerasVersion } : {}) };
}

/**
 * The layers of an open file of weights or of a whole model; `undefined` where it has another layout.
 *
 * @throws {@link FormatError} when what it names is missing.
 */
export function readH5Layers(file: Hdf5File, name: string): StoredLayer[] | undefined {
  const whole = memberOf(file, { path: "model_weights", file: name });
  const root = whole?.kind === "group" ? whole.group : file;
  const layerNames = readNames(root, "layer_names");
  if (layerNames === undefined) return undefined;
  const layers = layerNames.map((layer) => readLayer(root, { layer, file: name }));
  const kernels = layers.some(({ weights }) => weights.some(({ tensor }) => tensor.shape.length > 2));
  if (kernels && (root.attrs["backend"] ?? file.attrs["backend"])?.value === "theano") {
    throw new FormatError({
      code: "THEANO_WEIGHTS",
      subject: name,
      found: "weights that Keras wrote on Theano, whose convolution kernels are mirrored",
      expected: "weights of Keras on TensorFlow, JAX or PyTorch",
      fix: "Load and save the model once with Keras 2 on TensorFlow, which turns the kernels",
    });
  }
  return layers;
}

function readLayer(root: Group, { layer, file }: { layer: string; file: string }): StoredLayer {
  const item = memberOf(root, { path: layer, file });
  if (item?.kind !== "group") throw missing(file, `layer "${layer}"`);
  const weights = (readNames(item.group, "weight_names") ?? []).map((name) => {
    const weight = memberOf(item.group, { path: name, file });
    if (weight?.kind !== "tensor") throw missing(file, `weight "${name}" of layer "${layer}"`);
    return { name, tensor: weight.tensor };
  });
  return { layer, weights };
}

const missing = (file: string, what: string): FormatError =>
  new FormatError({
    code: "INCOMPLETE_KERAS_WEIGHTS",
    subject: file,
    found: `no data for the ${what} that it names`,
    expected: "a whole weights file",
    fix: "Copy or train it again",
  });

function writeNames(target: Group, { attribute, names }: { attribute: string; names: readonly string[] }): void {
  const width = Math.max(1, ...names.map((name) => Buffer.byteLength(name)));
  const perChunk = Math.max(1, Math.floor(ATTRIBUTE_LIMIT / width));
  if (names.length <= perChunk) {
    target.create_attribute(attribute, [...names], [names.length], `S${width}`);
    return;
  }
  for (let chunk = 0; chunk * perChunk < names.length; chunk++) {
    const part = names.slice(chunk * perChunk, (chunk + 1) * perChunk);
    target.create_attribute(`${attribute}${chunk}`, part, [part.length], `S${width}`);
  }
}

function readNames(source: Group, attribute: string): string[] | undefined {
  const attributes = source.attrs;
  const whole = attributes[attribute];
  if (whole !== undefined) return asNames(whole.value);
  if (attributes[`${attribute}0`] === undefined) return undefined;
  const names: string[] = [];
  for (let chunk = 0; ; chunk++) {
    const part = attributes[`${attribute}${chunk}`];
    if (part === undefined) return names;
    names.push(...asNames(part.value));
  }
}

/** Keras writes an empty list as float64, h5wasm reads a list of one as an array or a string. */
const asNames = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((name): name is string => typeof name === "string");
