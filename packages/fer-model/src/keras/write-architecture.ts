/**
 * The architecture of a model as the JSON of `model.to_json()`, in the words that Keras 2 (`tf_keras`) and Keras 3 both
 * read: layers with their module, which Keras 3 wants and Keras 2 passes over; nodes as lists, which Keras 3 still
 * takes; an input layer that is written out.
 */
import type { LayersModel } from "@tensorflow/tfjs";
import { KERAS_VERSION } from "./h5-weights.js";

interface LayerJson {
  class_name: string;
  config: Record<string, unknown>;
  name?: string;
  inbound_nodes?: unknown;
}

/** Text for a `.json` file, and for the attribute `model_config` of a whole model. Weights are not in it. */
export function kerasJson(model: LayersModel): string {
  const json = modelJson(model.toJSON(null, false) as unknown as LayerJson);
  return `${JSON.stringify({ ...json, keras_version: KERAS_VERSION, backend: "tensorflow" }, null, 2)}\n`;
}

function modelJson({ class_name, config, ...rest }: LayerJson): Record<string, unknown> {
  const layers = layersOf(config)!;
  const explicit = class_name === "Sequential" ? withInput(layers) : layers;
  return {
    module: "keras",
    // Keras 3 finds `keras.Model`, and Keras 2 knows both names.
    class_name: class_name === "Functional" ? "Model" : class_name,
    config: { ...config, layers: explicit.map(layerJson) },
    registered_name: null,
    ...rest,
  };
}

const layerJson = (layer: LayerJson): Record<string, unknown> =>
  layersOf(layer.config) === undefined ? { module: "keras.layers", ...layer, registered_name: null } : modelJson(layer);

const layersOf = (config: LayerJson["config"]): readonly LayerJson[] | undefined =>
  config["layers"] as readonly LayerJson[] | undefined;

/** tfjs notes the shape of a sequential model in its first layer, or in the first layer of that. */
function withInput(layers: readonly LayerJson[]): LayerJson[] {
  const [first, ...rest] = layers;
  if (first === undefined || first.class_name === "InputLayer") return [...layers];
  const { batch_input_shape: _, dtype, ...config } = first.config;
  const name = `${String(config["name"])}_input`;
  const input = { batch_input_shape: inputShape(first), dtype: dtype ?? "float32", sparse: false, name };
  return [{ class_name: "InputLayer", config: input }, { ...first, config }, ...rest];
}

function inputShape({ config }: LayerJson): unknown {
  const [inner] = layersOf(config) ?? [];
  return config["batch_input_shape"] ?? (inner === undefined ? undefined : inputShape(inner));
}
