/**
 * Between the weights of a `tf.LayersModel` and the layers of a weights file.
 *
 * Layers are matched by name when the file has all names of the model, else by position among the layers that have
 * weights, as Keras does: a model built again in another session has other numbers behind its names.
 */
import { FormatError } from "@fer/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { tf } from "@fer/tfjs-graph";
import type { LayerWeights } from "./keras-weights.js";

type Layer = LayersModel["layers"][number];

/** Copies the weights of all layers, also of those that have none, in the order of the model. */
export function readModelWeights(model: LayersModel): LayerWeights[] {
  return model.layers.map((layer) => ({
    layer: layer.name,
    weights: layer.weights.map((weight) => ({
      name: weightName(layer, weight.originalName),
      shape: weight.shape.map(Number),
      data: Float32Array.from(weight.read().dataSync()),
    })),
  }));
}

/**
 * Writes weights into a model; `file` is for messages.
 *
 * @throws {@link FormatError} when layers, weights or shapes do not fit; the model is then unchanged.
 */
export function writeModelWeights(model: LayersModel, layers: readonly LayerWeights[], file: string): void {
  const wanted = model.layers.filter((layer) => layer.weights.length > 0);
  const given = layers.filter(({ weights }) => weights.length > 0);
  const byName = new Map(given.map((layer) => [layer.layer, layer]));
  const named = wanted.every(({ name }) => byName.has(name));
  if (given.length !== wanted.length) {
    throw mismatch(file, `${given.length} layers with weights`, `${wanted.length}, as in the architecture`);
  }
  const pairs = wanted.flatMap((layer, position) => {
    const source = named ? byName.get(layer.name)! : given[position]!;
    if (source.weights.length !== layer.weights.length) {
      throw mismatch(
        file,
        `${source.weights.length} weights in layer "${source.layer}"`,
        `${layer.weights.length} for layer "${layer.name}"`,
      );
    }
    return layer.weights.map((weight, at) => {
      const tensor = source.weights[at]!;
      const shape = weight.shape.map(Number);
      if (shape.join() !== tensor.shape.join()) {
        throw mismatch(
          file,
          `shape [${tensor.shape.join(", ")}] of "${tensor.name}"`,
          `[${shape.join(", ")}] for layer "${layer.name}"`,
        );
      }
      return { weight, tensor };
    });
  });
  tf.tidy(() => {
    for (const { weight, tensor } of pairs) weight.write(tf.tensor(tensor.data, tensor.shape));
  });
}

const mismatch = (file: string, found: string, expected: string): FormatError =>
  new FormatError({
    code: "WEIGHTS_DO_NOT_FIT",
    subject: file,
    found,
    expected,
    fix: "Pass the .json architecture that was saved with these weights",
  });

/** Keras names a weight `<layer>/<weight>:0`; tfjs leaves the suffix out, and the layer where one was built by hand. */
const weightName = (layer: Layer, name: string): string =>
  `${name.startsWith(`${layer.name}/`) ? name : `${layer.name}/${name}`}:0`;
