/**
 * Between the weights of a `tf.LayersModel` and the layers of a weights file.
 *
 * Layers are matched by name when the file has all names of the model, else by position among the layers that have
 * weights, as Keras does: a model built again in another session has other numbers behind its names.
 */
import { FormatError } from "@fer/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { tf } from "@fer/tfjs-graph";
import type { LayerWeights, StoredLayer } from "./h5-weights.js";
import type { StoredTensor } from "./hdf5.js";

type Layer = LayersModel["layers"][number];
type Variable = Layer["weights"][number];

/** A weight of a model and the tensor, of its shape, whose values it is to get. */
export interface FittedWeight {
  variable: Variable;
  tensor: StoredTensor;
}

/** Copies the weights of layers, also of those that have none, under the names that they have in the file. */
export function readModelWeights(
  model: LayersModel,
  layers: readonly { name: string; path: readonly string[] }[],
): LayerWeights[] {
  return layers.map(({ name, path }) => {
    const layer = layerAt(model, path);
    return {
      layer: name,
      weights: (layer?.weights ?? []).map((weight) => copyOf(weight, { own: path.at(-1)!, name })),
    };
  });
}

/** Keras names a weight `<layer>/<weight>:0`; tfjs leaves the suffix out, and the layer where one was built by hand. */
function copyOf(weight: Variable, { own, name }: { own: string; name: string }): LayerWeights["weights"][number] {
  const { originalName } = weight;
  const rest = originalName.startsWith(`${own}/`) ? originalName.slice(own.length + 1) : originalName;
  const data = Float32Array.from(weight.read().dataSync());
  return { name: `${name}/${rest}:0`, shape: weight.shape.map(Number), data };
}

/** The layer that names lead to; the input layer of a Sequential is not among its layers. */
function layerAt(model: LayersModel, [name, ...rest]: readonly string[]): Layer | undefined {
  const layer = model.layers.find((own) => own.name === name);
  return layer instanceof tf.LayersModel && rest.length > 0 ? layerAt(layer, rest) : layer;
}

/**
 * Finds the tensor for each weight of a model in a file; `file` is for messages.
 *
 * @throws {@link FormatError} when layers, weights or shapes do not fit.
 */
export function fitWeights(
  model: LayersModel,
  { layers, file }: { layers: readonly StoredLayer[]; file: string },
): FittedWeight[] {
  const wanted = model.layers.filter((layer) => layer.weights.length > 0);
  const given = layers.filter((layer) => countOf(layer) > 0);
  const byName = new Map(given.map((layer) => [layer.layer, layer]));
  const named = wanted.every(({ name }) => byName.has(name));
  if (given.length !== wanted.length) {
    const missing = wanted.find(({ name }) => !byName.has(name));
    const surplus = given.find(({ layer }) => wanted.every(({ name }) => name !== layer));
    const example = missing
      ? `; "${missing.name}" has none`
      : surplus
        ? `; "${surplus.layer}" is not in the architecture`
        : "";
    const found = `${given.length} layers with weights${example}`;
    throw mismatch({ file, found, expected: `${wanted.length}, as in the architecture` });
  }
  return wanted.flatMap((layer, position) => {
    const source = named ? byName.get(layer.name)! : given[position]!;
    if (source.layers !== undefined && layer instanceof tf.LayersModel) {
      return fitWeights(layer, { layers: source.layers, file });
    }
    const weights = layer instanceof tf.LayersModel ? sorted(source, layer) : source.weights;
    if (weights.length !== layer.weights.length) {
      throw mismatch({
        file,
        found: `${weights.length} weights in layer "${source.layer}"`,
        expected: `${layer.weights.length} for layer "${layer.name}"`,
      });
    }
    return layer.weights.map((variable, at) => fitted({ variable, stored: weights[at]!, layer: layer.name, file }));
  });
}

/** Gives a model its weights, whose values are in their order. */
export function assignWeights(weights: readonly FittedWeight[], values: readonly Float32Array[]): void {
  tf.tidy(() => {
    for (const [at, { variable, tensor }] of weights.entries()) variable.write(tf.tensor(values[at]!, tensor.shape));
  });
}

const countOf = ({ weights, layers = [] }: StoredLayer): number =>
  weights.length + layers.reduce((sum, layer) => sum + countOf(layer), 0);

/**
 * The weights of a nested model, which a file has in one list, in the order of the model: by `<layer>/<weight>` where
 * that names each of them once. Keras lists what can be trained first, and may have meant another choice by it.
 */
function sorted({ weights }: StoredLayer, model: LayersModel): StoredLayer["weights"] {
  const byName = new Map(weights.map((weight) => [tail(weight.name), weight]));
  const found = model.weights.map(({ originalName }) => byName.get(tail(originalName)));
  const all = new Set(found).size === weights.length && found.every((weight) => weight !== undefined);
  return all ? found : weights;
}

/** Last two parts of a weight's name. */
const tail = (name: string): string => name.replace(/:0$/, "").split("/").slice(-2).join("/");

function fitted({
  variable,
  stored,
  layer,
  file,
}: {
  variable: Variable;
  stored: StoredLayer["weights"][number];
  layer: string;
  file: string;
}): FittedWeight {
  const shape = variable.shape.map(Number);
  if (shape.join() !== stored.tensor.shape.join()) {
    throw mismatch({
      file,
      found: `shape [${stored.tensor.shape.join(", ")}] of "${stored.name}"`,
      expected: `[${shape.join(", ")}] for "${tail(variable.originalName)}" of layer "${layer}"`,
    });
  }
  return { variable, tensor: stored.tensor };
}

const mismatch = ({ file, found, expected }: { file: string; found: string; expected: string }): FormatError =>
  new FormatError({
    code: "WEIGHTS_DO_NOT_FIT",
    subject: file,
    found,
    expected,
    fix: "Pass the architecture that was saved with these weights",
  });
