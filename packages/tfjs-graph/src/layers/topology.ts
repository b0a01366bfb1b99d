/** Walks the JSON of a `tf.LayersModel` (Keras names, as `model.toJSON` writes it) before the model is rebuilt. */
import type { LayersModel } from "@tensorflow/tfjs";
import { GraphError } from "../errors.js";

export interface LayerJson {
  class_name: string;
  name?: string;
  config: Record<string, unknown>;
}

const containers = new Set(["Sequential", "Model", "Functional"]);

/** Layers whose randomness is made in JavaScript: a captured step would repeat one draw for ever. */
const unseeded = new Set(["GaussianNoise", "GaussianDropout", "AlphaDropout"]);

const nameOf = (layer: LayerJson): string => String(layer.config.name ?? layer.name ?? layer.class_name);

/** The layers of a container, in its own order. Old Keras writes the config of a `Sequential` as a bare list. */
function layersOf(container: LayerJson): LayerJson[] {
  const { config } = container;
  return (Array.isArray(config) ? config : config.layers) as LayerJson[];
}

const isContainer = (layer: LayerJson): boolean => containers.has(layer.class_name);

/** Every initializer becomes zeros: the weights are written right after. Refuses layers that cannot be captured. */
export function prepareTopology(layer: LayerJson): void {
  if (unseeded.has(layer.class_name)) {
    throw new GraphError({
      code: "UNSUPPORTED_LAYER",
      subject: `layer "${nameOf(layer)}"`,
      found: `${layer.class_name} draws its noise in JavaScript, unseeded`,
      expected: "a layer whose output is a function of inputs, weights and step",
      fix: "Use Dropout or SpatialDropout2D, or take the layer out",
      context: { layer: nameOf(layer), className: layer.class_name },
    });
  }
  if (isContainer(layer)) return layersOf(layer).forEach(prepareTopology);
  refuseRecurrentDropout(layer);
  for (const key of Object.keys(layer.config)) {
    if (key.endsWith("_initializer")) layer.config[key] = { class_name: "Zeros", config: {} };
  }
  innerLayers(layer).forEach(prepareTopology);
}

/** Layers of a wrapper (`Bidirectional`, `TimeDistributed`) and cells of a recurrent layer. */
function innerLayers({ config }: LayerJson): LayerJson[] {
  const inner = [config.layer, config.backward_layer, config.cell, config.cells].flat() as (LayerJson | undefined)[];
  return inner.filter((layer) => layer?.class_name !== undefined) as LayerJson[];
}

function refuseRecurrentDropout(layer: LayerJson): void {
  const key = ["dropout", "recurrent_dropout"].find((name) => Number(layer.config[name] ?? 0) > 0);
  if (key === undefined) return;
  throw new GraphError({
    code: "UNSUPPORTED_LAYER",
    subject: `layer "${nameOf(layer)}"`,
    found: `${layer.class_name} draws its masks for ${key} ${String(layer.config[key])} in JavaScript, unseeded`,
    expected: `${key} 0`,
    fix: "Put a Dropout layer in front of it or behind it",
    context: { layer: nameOf(layer), className: layer.class_name },
  });
}

/** tfjs leaves the depth multiplier of a separable convolution out of the JSON. */
export function restoreDepthMultipliers(container: LayerJson, { layers }: Pick<LayersModel, "layers">): void {
  for (const json of layersOf(container)) {
    const layer = layers.find(({ name }) => name === nameOf(json));
    if (layer === undefined) continue;
    if ("layers" in layer) restoreDepthMultipliers(json, layer as LayersModel);
    const { depthMultiplier } = layer as { depthMultiplier?: number };
    if (depthMultiplier !== undefined) json.config.depth_multiplier = depthMultiplier;
  }
}

/** Gives the model, and models in it that take the same, inputs of another shape. Shapes are without the batch. */
export function setInputShape(
  container: LayerJson,
  { from, to }: { from: readonly number[]; to: readonly number[] },
): void {
  for (const layer of layersOf(container)) {
    const [, ...shape] = (layer.config.batch_input_shape as (number | null)[] | undefined) ?? [null];
    if (shape.join() === from.join()) layer.config.batch_input_shape = [null, ...to];
    if (isContainer(layer)) setInputShape(layer, { from, to });
  }
}

/** The layer whose output is the model's output. */
function lastLayer(container: LayerJson): LayerJson {
  const layers = layersOf(container);
  const outputs = (container.config as { output_layers?: [string, number, number][] }).output_layers;
  const name = outputs?.[0]?.[0];
  const last =
    name === undefined ? layers.at(-1) : layers.find((layer) => layer.name === name || nameOf(layer) === name);
  if (last === undefined) throw new Error("a model without layers cannot be rebuilt");
  return isContainer(last) ? lastLayer(last) : last;
}

/** Takes a final softmax off, so that the loss sees logits. Refuses other final activations. */
export function removeFinalSoftmax(model: LayerJson): void {
  const last = lastLayer(model);
  if (last.class_name === "Softmax") {
    last.class_name = "Activation";
    last.config = { name: last.config.name, trainable: last.config.trainable, activation: "linear" };
    return;
  }
  const { activation } = last.config;
  const name =
    typeof activation === "object" && activation !== null ? (activation as LayerJson).class_name : activation;
  if (name === undefined || name === null || name === "linear") return;
  if (String(name).toLowerCase() !== "softmax") {
    throw new GraphError({
      code: "UNSUPPORTED_OUTPUT",
      subject: `layer "${nameOf(last)}"`,
      found: `the model ends with the activation "${String(name)}"`,
      expected: "softmax, or logits (linear), which the softmax cross-entropy is defined for",
      fix: "End the model with softmax",
      context: { layer: nameOf(last), activation: name },
    });
  }
  last.config.activation = "linear";
}
