/**
 * The architecture of a model as the JSON of `model.to_json()`, in the words that Keras 2 (`tf_keras`) and Keras 3 both
 * read: layers with their module, which Keras 3 wants and Keras 2 passes over; nodes as lists, which Keras 3 still
 * takes; an input layer that is written out, and no models within the model.
 */
import type { LayersModel } from "@tensorflow/tfjs";
import { KERAS_VERSION } from "./h5-weights.js";
import { inlineModels, isNested, type LayerJson } from "./inline-models.js";

/** A model in the words of Keras. */
export interface KerasArchitecture {
  /** Text for a `.json` file, and for the attribute `model_config` of a whole model. Weights are not in it. */
  json: string;
  /** Its layers in order: the name in the file, and the names that lead to the layer in the model. */
  layers: { name: string; path: string[] }[];
}

/** Describes a model; see {@link KerasArchitecture}. */
export function kerasArchitecture(model: LayersModel): KerasArchitecture {
  const given = model.toJSON(null, false) as unknown as LayerJson;
  const explicit = withInputs(given);
  const { class_name, config, layers } = isNested(explicit) ? inlined(explicit) : asItIs(explicit, model);
  const json = {
    module: "keras",
    class_name,
    config: {
      ...config,
      layers: (config["layers"] as LayerJson[]).map((layer) =>
        Object.assign({ module: "keras.layers" }, layer, { registered_name: null }),
      ),
    },
    registered_name: null,
    keras_version: KERAS_VERSION,
    backend: "tensorflow",
  };
  return { json: `${JSON.stringify(json, null, 2)}\n`, layers };
}

function asItIs({ class_name, config }: LayerJson, model: LayersModel) {
  const layers = model.layers.map(({ name }) => ({ name, path: [name] }));
  // Keras 3 finds `keras.Model`, and Keras 2 knows both names.
  return { class_name: class_name === "Functional" ? "Model" : class_name, config, layers };
}

function inlined(model: LayerJson) {
  const { layers, inputs, outputs } = inlineModels(model);
  const written = layers.map(({ path: _, ...layer }) => layer);
  const config = { name: model.config["name"], layers: written, input_layers: inputs, output_layers: outputs };
  // The ends of a model have no settings.
  config.output_layers = outputs.map(([layer, node, tensor]) => [layer, node, tensor]);
  return {
    class_name: "Model",
    config: config as LayerJson["config"],
    layers: layers.map(({ name, path }) => ({ name, path })),
  };
}

/** tfjs notes the shape of a sequential model in its first layer, or in the first layer of that. */
function withInputs(model: LayerJson): LayerJson {
  const layers = model.config["layers"] as LayerJson[] | undefined;
  if (layers === undefined) return model;
  const [first, ...rest] = layers.map(withInputs);
  if (first === undefined || model.class_name !== "Sequential" || first.class_name === "InputLayer") {
    return { ...model, config: { ...model.config, layers: layers.map(withInputs) } };
  }
  const { batch_input_shape: _, dtype, ...config } = first.config;
  const name = `${String(config["name"])}_input`;
  const input = { batch_input_shape: inputShape(first), dtype: dtype ?? "float32", sparse: false, name };
  const explicit = [{ class_name: "InputLayer", config: input }, { ...first, config }, ...rest];
  return { ...model, config: { ...model.config, layers: explicit } };
}

function inputShape({ config }: LayerJson): unknown {
  const [inner] = (config["layers"] as LayerJson[] | undefined) ?? [];
  return config["batch_input_shape"] ?? (inner === undefined ? undefined : inputShape(inner));
}
