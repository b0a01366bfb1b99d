/**
 * Weights in the HDF5 layout of Keras 2 (`model.save_weights("x.h5")`):
 *
 *     /                    attributes layer_names, backend, keras_version
 *     /<layer>             attribute weight_names ("conv2d/kernel:0", ...)
 *     /<layer>/<weight>    float32, row-major; convolution kernels [height, width, in, out]
 *
 * A whole saved model (`model.save("x.h5")`) has the same below `/model_weights`, and its architecture in the
 * attribute `model_config`. Lists of names that exceed HDF5's 64 KiB for an attribute are split into `layer_names0`,
 * `layer_names1`, ...
 */
import { FormatError } from "@fer/core";
import type { HostTensor } from "@fer/tfjs-graph";
import type { Dataset, File as Hdf5File, Group } from "h5wasm";
import { readHdf5, writeHdf5 } from "./hdf5.js";

/** The version that files name: the last Keras 2, whose layout this is. */
export const KERAS_VERSION = "2.15.0";

/** HDF5 stores an attribute in an object header message of less than 64 KiB; Keras leaves the same margin. */
const ATTRIBUTE_LIMIT = 64_512;

export interface NamedTensor extends HostTensor {
  /** Keras name with its suffix: `conv2d/kernel:0`. */
  name: string;
}

/** Weights of one layer, in the layer's order (kernel, bias; gamma, beta, moving_mean, moving_variance). */
export interface LayerWeights {
  layer: string;
  weights: NamedTensor[];
}

/** What a Keras `.h5` file holds. */
export interface KerasWeights {
  layers: LayerWeights[];
  /** JSON of the architecture, in files of whole models only. */
  architecture?: string;
}

/**
 * Bytes of a weights file. Equal weights give equal bytes.
 *
 * @example
 * ```ts
 * import { encodeKerasWeights, decodeKerasWeights } from "@fer/model";
 *
 * const bias = { name: "dense/bias:0", shape: [2], data: new Float32Array([0.5, -0.5]) };
 * const bytes = await encodeKerasWeights([{ layer: "dense", weights: [bias] }]);
 * const { layers } = await decodeKerasWeights(bytes, "dense.h5");
 * console.log(layers[0]?.weights[0]?.data); // Float32Array(2) [ 0.5, -0.5 ]
 * ```
 */
export function encodeKerasWeights(layers: readonly LayerWeights[]): Promise<Uint8Array> {
  return writeHdf5((file) => {
    let datasets = 0;
    file.create_attribute("backend", "tensorflow");
    file.create_attribute("keras_version", KERAS_VERSION);
    writeNames(
      file,
      "layer_names",
      layers.map(({ layer }) => layer),
    );
    for (const { layer, weights } of layers) {
      const group = file.create_group(layer);
      writeNames(
        group,
        "weight_names",
        weights.map(({ name }) => name),
      );
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
  });
}

/**
 * Reads a weights file or a whole saved model, of Keras 2 or of @fer; `name` is for messages.
 *
 * @throws {@link FormatError} when it is no HDF5 file, a damaged one, or none of Keras.
 */
export function decodeKerasWeights(bytes: Uint8Array, name: string): Promise<KerasWeights> {
  return readHdf5(bytes, name, (file) => {
    const root: Group = "model_weights" in attributesAndGroups(file) ? (file.get("model_weights") as Group) : file;
    const layerNames = readNames(root, "layer_names");
    if (layerNames === undefined) {
      throw new FormatError({
        code: "NOT_KERAS_WEIGHTS",
        subject: name,
        found: `an HDF5 file without the attribute layer_names (groups: ${file.keys().slice(0, 5).join(", ") || "none"})`,
        expected: "the weights layout of Keras 2",
        fix: 'Save it in Keras with `model.save_weights("name.h5")`; Keras 3 calls its own layout .weights.h5',
      });
    }
    const layers = layerNames.map((layer) => readLayer(root, layer, name));
    const config = file.attrs["model_config"]?.value;
    return { layers, ...(typeof config === "string" ? { architecture: config } : {}) };
  });
}

function readLayer(root: Group, layer: string, file: string): LayerWeights {
  const group = root.get(layer) as Group | null;
  if (group === null) throw missing(file, `layer "${layer}"`);
  const weights = (readNames(group, "weight_names") ?? []).map((name) => {
    const dataset = group.get(name) as Dataset | null;
    if (dataset === null) throw missing(file, `weight "${name}" of layer "${layer}"`);
    const values = dataset.value as ArrayLike<number>;
    const shape = (dataset.shape ?? []).map(Number);
    const data = shape.length === 0 ? Float32Array.of(Number(values)) : Float32Array.from(values);
    return { name, shape, data };
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

const attributesAndGroups = (file: Hdf5File): Record<string, true> =>
  Object.fromEntries(file.keys().map((key) => [key, true as const]));

function writeNames(target: Group, attribute: string, names: readonly string[]): void {
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
