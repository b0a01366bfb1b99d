/**
 * Turns a model's JSON of Keras 2 or 3 into the one dialect that TensorFlow.js reads.
 *
 * It stumbles over: a Sequential whose config is a list (Keras up to 2.2.2), the batch norm axis as a list (tf.keras),
 * dtype policies and module names (Keras 2.11 and later), `batch_shape` and nodes as calls with tensors (Keras 3).
 */
import { FormatError } from "@fer/core";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel } from "@tensorflow/tfjs";
import { isModel, LayerJson, ModelJson, nameOf } from "./keras-json.js";
import { checkAxis, type KerasGeneration, type LayerConfig, translateLayer } from "./layer-rules.js";
import { callsOf, danglingInput, endsOf, type GraphLayer, renumbered } from "./nodes.js";
import { isRegistered, NEWER_KEYS, plainSetting, withTarget } from "./plain-settings.js";
import { Untranslatable } from "./untranslatable.js";

/** A layer as its model lists it. */
export interface KerasLayer {
  name: string;
  /** Keras' class, also where TensorFlow.js has it by another name. */
  className: string;
  /** Of a nested model. */
  layers?: KerasLayer[];
}

/** Turns the JSON of one file into the dialect of TensorFlow.js. */
export class Translator {
  readonly #file: string;
  readonly #keras: KerasGeneration;
  readonly #flat: ReadonlySet<string>;

  /** @param options `flat`: names of Flatten layers whose input is flat already. */
  constructor({ file, keras, flat }: { file: string; keras: KerasGeneration; flat: ReadonlySet<string> }) {
    this.#file = file;
    this.#keras = keras;
    this.#flat = flat;
  }

  /** Settings that are judged by the rank of a layer's input. */
  checkAxes(model: LayersModel): void {
    for (const layer of model.layers) {
      if (layer instanceof tf.LayersModel) this.checkAxes(layer);
      else {
        const json = { class_name: layer.getClassName(), config: layer.getConfig(), name: layer.name };
        const [input] = [layer.inboundNodes[0]!.inputShapes].flat(1) as number[][];
        this.#about(json, () => checkAxis({ className: json.class_name, config: json.config }, input?.length ?? 0));
      }
    }
  }

  model({ class_name, config }: ModelJson): { topology: LayerConfig; layers: KerasLayer[] } {
    const { layers: given, ...settings } = Array.isArray(config) ? { layers: config } : config;
    const name = settings["name"] ?? class_name.toLowerCase();
    const sequential = class_name === "Sequential";
    const shaped = given.map((layer, at) => (sequential && at === 0 ? this.#withShape(layer, settings) : layer));
    const translated = shaped.map((layer) => this.#about(layer, () => this.#layer(layer)));
    const layers = translated.map(({ layer }) => layer);
    const jsons = translated.map(({ json }) => json);
    if (sequential) return { topology: { class_name, config: { name, layers: jsons } }, layers };
    const { inbound, ...ends } = this.#graph(given, settings);
    const connected = jsons.map((json, at) => Object.assign({}, json, { inbound_nodes: inbound[at] }));
    return { topology: { class_name: "Model", config: { name, layers: connected, ...ends } }, layers };
  }

  #layer(given: LayerJson): { json: LayerConfig; layer: KerasLayer } {
    const layer = { name: nameOf(given), className: given.class_name };
    if (isModel(given)) {
      const { topology, layers } = this.model(ModelJson.parse(given));
      return { json: { ...topology, name: layer.name }, layer: { ...layer, layers } };
    }
    checkOperation(given);
    const config = Object.fromEntries(
      Object.entries(given.config)
        .filter(([key]) => !NEWER_KEYS.has(key))
        .map(([key, value]) => [key, INNER_LAYERS.has(key) ? this.#inner(value) : plainSetting(value, key)]),
    );
    const translated = this.#flat.has(layer.name)
      ? { className: "Activation", config: { name: layer.name, activation: "linear" } }
      : translateLayer({ className: given.class_name, config: withTarget(config, given) }, this.#keras);
    checkRegistered(translated.className, given.class_name);
    return { json: { class_name: translated.className, config: translated.config, name: layer.name }, layer };
  }

  /** The layers that a wrapper holds. */
  #inner(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#inner(item));
    const layer = LayerJson.safeParse(value);
    return layer.success ? this.#layer(layer.data).json : value;
  }

  /** tfjs asks the first layer of a sequential model for the shape; Keras notes it there, before it, or in the model. */
  #withShape(layer: LayerJson, settings: LayerConfig): LayerJson {
    if (layer.class_name === "InputLayer" || isModel(layer)) return layer;
    const { batch_input_shape } = layer.config;
    const built = layer["build_config"] as { input_shape?: unknown } | undefined;
    const shape = batch_input_shape ?? settings["build_input_shape"] ?? built?.input_shape;
    if (Array.isArray(shape)) return { ...layer, config: { ...layer.config, batch_input_shape: shape } };
    throw new FormatError({
      code: "NO_INPUT_SHAPE",
      subject: this.#file,
      found: "a Sequential model that does not say the shape of its input",
      expected: "one that was built",
      fix: "Begin the model with keras.Input(shape=(height, width, channels)), and save it again",
    });
  }

  #graph(layers: readonly LayerJson[], settings: LayerConfig) {
    const graph = layers.map((layer): GraphLayer => {
      const kind = isModel(layer) ? "model" : layer.class_name === "InputLayer" ? "input" : "layer";
      return { name: nameOf(layer), kind, calls: this.#about(layer, () => callsOf(layer["inbound_nodes"])) };
    });
    const named = renumbered({
      layers: graph,
      ends: [endsOf(settings["input_layers"]), endsOf(settings["output_layers"])],
    });
    const [input_layers = [], output_layers = []] = named.ends;
    const dangling = danglingInput(named.layers, [...input_layers, ...output_layers]);
    if (dangling !== null || input_layers.length === 0 || output_layers.length === 0) {
      throw new FormatError({
        code: "BROKEN_GRAPH",
        subject: this.#file,
        found:
          dangling === null
            ? "a model without inputs or outputs"
            : `${dangling.layer === null ? "a model" : `the layer "${dangling.layer}"`} that takes from "${dangling.input}" what that never gives`,
        expected: "layers that are connected from the inputs to the outputs",
        fix: "Save the model again",
      });
    }
    const inbound = named.layers.map(({ calls }) => calls.map((call) => call.map((ref) => [...ref, {}])));
    return { inbound, input_layers, output_layers };
  }

  /** Says which layer it is that cannot be translated. */
  #about<T>({ class_name, ...layer }: LayerJson, translate: () => T): T {
    try {
      return translate();
    } catch (problem) {
      if (!(problem instanceof Untranslatable)) throw problem;
      throw new FormatError({
        code: "UNSUPPORTED_KERAS_LAYER",
        subject: this.#file,
        found: `the layer "${nameOf({ class_name, ...layer })}" (${class_name}): ${problem.found}`,
        expected: "layers and settings that TensorFlow.js has",
        fix: problem.fix,
        context: { layer: nameOf({ class_name, ...layer }), className: class_name },
      });
    }
  }
}

/** Operations of Keras 3 on tensors that are also layers. */
const OPERATIONS: ReadonlySet<string> = new Set(["Add", "Multiply", "Maximum", "Minimum"]);

function checkOperation({ class_name, module }: LayerJson): void {
  if (!module?.startsWith("keras.src.ops") || OPERATIONS.has(class_name)) return;
  throw new Untranslatable({
    found: "an operation on tensors that TensorFlow.js does not have as a layer",
    fix: "Use a layer of Keras instead of the operation, and save the model again",
  });
}

function checkRegistered(className: string, kerasName: string): void {
  if (isRegistered(className)) return;
  throw new Untranslatable({
    found: kerasName === "Lambda" ? "Python code, which is never executed" : "TensorFlow.js does not have it",
    fix:
      `Write it as a tf.layers.Layer with \`static className = "${kerasName}"\`, and pass that to ` +
      "tf.serialization.registerClass before loading; or replace it in the model",
  });
}

/** Settings that are layers. */
const INNER_LAYERS = new Set(["layer", "backward_layer", "cell", "cells"]);
