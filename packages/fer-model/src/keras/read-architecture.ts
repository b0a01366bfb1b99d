/**
 * Architectures as the JSON of Keras 2 and 3, turned into the one dialect that TensorFlow.js reads.
 *
 * It stumbles over: a Sequential whose config is a list (Keras up to 2.2.2), the batch norm axis as a list (tf.keras),
 * dtype policies and module names (Keras 2.11 and later), `batch_shape` and nodes as calls with tensors (Keras 3).
 */
import { FormatError } from "@fer/core";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel, Variable } from "@tensorflow/tfjs";
import { z } from "zod";
import { checkAxis, type KerasGeneration, type LayerConfig, translateLayer } from "./layer-rules.js";
import { callsOf, danglingInput, endsOf, type GraphLayer, renumbered } from "./nodes.js";
import { Untranslatable } from "./untranslatable.js";

/** A layer as its model lists it. */
export interface KerasLayer {
  name: string;
  /** Keras' class, also where TensorFlow.js has it by another name. */
  className: string;
  /** Of a nested model. */
  layers?: KerasLayer[];
}

/** A model with new initial weights. */
export interface BuiltModel {
  model: LayersModel;
  layers: KerasLayer[];
}

const LayerJson = z.looseObject({
  class_name: z.string(),
  config: z.record(z.string(), z.unknown()),
  module: z.string().nullish(),
  name: z.string().optional(),
});
type LayerJson = z.infer<typeof LayerJson>;

/** A model's JSON as Keras writes it. */
const ModelJson = z.looseObject({
  class_name: z.enum(["Sequential", "Model", "Functional"]),
  config: z.union([z.array(LayerJson), z.looseObject({ layers: z.array(LayerJson) })]),
  module: z.string().nullish(),
  keras_version: z.string().optional(),
});
type ModelJson = z.infer<typeof ModelJson>;

const isModel = (layer: { class_name: string }): boolean =>
  (ModelJson.shape.class_name.options as readonly string[]).includes(layer.class_name);

const nameOf = (layer: LayerJson): string => layer.name ?? String(layer.config["name"]);

/**
 * Builds a model from Keras' JSON; `name` is for messages.
 *
 * @param text JSON of `model.to_json()`, of the attribute `model_config`, or of `config.json`.
 * @throws {@link FormatError} when the text is not JSON of a Keras model, or has what TensorFlow.js lacks.
 */
export async function buildFromJson(
  text: string,
  { name, kerasVersion }: { name: string; kerasVersion?: string | undefined },
): Promise<BuiltModel> {
  const json = parseModel(text, name);
  const version = kerasVersion ?? json.keras_version;
  // Keras 2 always notes its version in the JSON.
  const keras = (version === undefined ? json.module : version.startsWith("3")) ? 3 : 2;
  const flat = new Set<string>();
  for (;;) {
    const translator = new Translator({ file: name, keras, flat });
    const { topology, layers } = translator.model(json);
    try {
      const model = await modelFromTopology(topology);
      translator.checkAxes(model);
      return { model, layers };
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      const reason = cause instanceof Error ? cause.message.split(/\n|\. /)[0]! : String(cause);
      // Keras flattens what is flat already, tfjs does not.
      const [, already] = /incompatible with layer (.+): expected min_ndim=3, found ndim=2/.exec(reason) ?? [];
      if (already !== undefined && !flat.has(already)) {
        flat.add(already);
        continue;
      }
      throw new FormatError({
        code: "UNSUPPORTED_KERAS_MODEL",
        subject: name,
        found: `a model that TensorFlow.js cannot build (${reason})`,
        expected: "layers and settings that TensorFlow.js has",
        fix: "Replace the layer in the model, and save that again",
        cause,
      });
    }
  }
}

/** Builds a model, and lets go of the weights of one that could not be built to its end. */
async function modelFromTopology(topology: LayerConfig): Promise<LayersModel> {
  const variables = () => tf.engine().state.registeredVariables as Record<string, Variable>;
  const before = new Set(Object.keys(variables()));
  // It is done, or has failed, when it returns its promise.
  const building = tf.models.modelFromJSON({ modelTopology: topology as never });
  const made = Object.entries(variables()).filter(([name]) => !before.has(name));
  try {
    return await building;
  } catch (error) {
    for (const [, variable] of made) variable.dispose();
    throw error;
  }
}

function parseModel(text: string, name: string): ModelJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError({
      code: "NOT_JSON",
      subject: name,
      found: text.trim() === "" ? "an empty file" : "text that is not JSON",
      expected: "the architecture of a model, as Keras writes it with `model.to_json()`",
      cause,
    });
  }
  const parsed = ModelJson.safeParse(value);
  if (parsed.success) return parsed.data;
  const other = LayerJson.safeParse(value);
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "top"}: ${message}`);
  throw new FormatError({
    code: "NOT_KERAS_JSON",
    subject: name,
    found:
      other.success && !isModel(other.data)
        ? `a model of the class "${other.data.class_name}"`
        : `JSON that is not a Keras model (${problems.join("; ")})`,
    expected: "the architecture of a Sequential or functional model, as Keras writes it with `model.to_json()`",
    ...(other.success ? { fix: "A class of one's own is Python code; build the model with the functional API" } : {}),
  });
}

/** Turns the JSON of one file into the dialect of TensorFlow.js. */
class Translator {
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
        .map(([key, value]) => [key, INNER_LAYERS.has(key) ? this.#inner(value) : plain(value, key)]),
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

/** Whether tfjs, or the user, has a class of this name. */
const isRegistered = (className: string): boolean =>
  Object.hasOwn(tf.serialization.SerializationMap.getMap().classNameMap, className);

function checkRegistered(className: string, kerasName: string): void {
  if (isRegistered(className)) return;
  throw new Untranslatable({
    found: kerasName === "Lambda" ? "Python code, which is never executed" : "TensorFlow.js does not have it",
    fix:
      `Write it as a tf.layers.Layer with \`static className = "${kerasName}"\`, and pass that to ` +
      "tf.serialization.registerClass before loading; or replace it in the model",
  });
}

const Shape = z.array(z.number().nullable());

/** tfjs leaves the -1 of a Reshape open; Keras notes the shape of the input beside most of them. */
function withTarget(config: LayerConfig, { class_name, ...layer }: LayerJson): LayerConfig {
  const target = Shape.safeParse(config["target_shape"]).data;
  const input = inputShapeOf(layer);
  if (class_name !== "Reshape" || !target?.includes(-1) || input === undefined) return config;
  const places = input.slice(1).reduce<number>((product, size) => product * (size ?? NaN), 1);
  const known = target.reduce<number>((product, size) => product * Math.abs(size ?? NaN), 1);
  if (!Number.isInteger(places / known)) return config;
  return { ...config, target_shape: target.map((size) => (size === -1 ? places / known : size)) };
}

function inputShapeOf(layer: Omit<LayerJson, "class_name">): z.infer<typeof Shape> | undefined {
  const built = z.looseObject({ input_shape: Shape }).safeParse(layer["build_config"]);
  if (built.success) return built.data.input_shape;
  const node = z.looseObject({ args: z.tuple([z.looseObject({ config: z.looseObject({ shape: Shape }) })]) });
  return z.tuple([node]).safeParse(layer["inbound_nodes"]).data?.[0].args[0].config.shape;
}

/** Settings that are layers. */
const INNER_LAYERS = new Set(["layer", "backward_layer", "cell", "cells"]);

/** Keys that newer Keras writes beside `class_name` and `config`, and tfjs does not expect. */
const NEWER_KEYS = new Set(["module", "registered_name", "build_config", "compile_config", "shared_object_id"]);

/** Names that Keras 3 gives to what tfjs calls otherwise. */
const RENAMED: Readonly<Record<string, string>> = {
  LecunNormal: "LeCunNormal",
  LecunUniform: "LeCunUniform",
  OrthogonalInitializer: "Orthogonal",
  IdentityInitializer: "Identity",
  L1: "L1L2",
  L2: "L1L2",
};

/** A setting in the dialect that tfjs reads. */
function plain(value: unknown, key: string): unknown {
  if (key === "dtype") return precision(value);
  if (Array.isArray(value)) {
    return key === "axis" && value.length === 1 ? value[0] : value.map((item) => plain(item, ""));
  }
  if (typeof value !== "object" || value === null) return value;
  const { class_name, items, config } = value as { class_name?: unknown; items?: unknown; config?: unknown };
  if (class_name === "__tuple__" && Array.isArray(items)) return items.map((item) => plain(item, ""));
  if (typeof class_name === "string" && typeof config === "object") {
    // Weights replace what it would draw.
    if (key.endsWith("_initializer") && !isRegistered(RENAMED[class_name] ?? class_name))
      return { class_name: "Zeros", config: {} };
    return { class_name: RENAMED[class_name] ?? class_name, config: plain(config, "") };
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !NEWER_KEYS.has(name))
      .map(([name, item]) => [name, plain(item, name)]),
  );
}

/** TensorFlow.js computes in float32, whatever the policy; quantized weights are another matter. */
function precision(value: unknown): "float32" {
  const { class_name, config } = (typeof value === "object" && value !== null ? value : {}) as {
    class_name?: string;
    config?: { name?: string };
  };
  const policy = typeof value === "string" ? value : (config?.name ?? "");
  if (class_name?.startsWith("Quantized") || /int8|int4|float8|gptq/.test(policy)) {
    throw new Untranslatable({
      found: `it is quantized (${policy || class_name})`,
      fix: "Save the model as it was before it was quantized",
    });
  }
  return "float32";
}
