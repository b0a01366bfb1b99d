/**
 * Architectures as the JSON of Keras 2 (`model.to_json()`), which Keras 2.0 to 2.19 (`tf_keras`) read.
 *
 * Reading also takes what tfjs stumbles over: a Sequential whose config is a list (Keras up to 2.2.2), the batch norm
 * axis as a list (tf.keras), dtype policies and module names (Keras 2.11 and later).
 */
import { FormatError } from "@fer/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { z } from "zod";
import { tf } from "@fer/tfjs-graph";
import { KERAS_VERSION } from "./keras-weights.js";

/** A model's JSON as Keras writes it; layers stay as they are. */
const KerasJson = z.looseObject({
  class_name: z.enum(["Sequential", "Model", "Functional"]),
  config: z.union([
    z.array(z.looseObject({ class_name: z.string() })),
    z.looseObject({ layers: z.array(z.looseObject({ class_name: z.string() })) }),
  ]),
});

/**
 * The architecture of a model as text for a `.json` file. Weights are not in it.
 *
 * @example
 * ```ts
 * import { architectures, kerasJson, modelFromKerasJson } from "@fer/model";
 *
 * const text = kerasJson(architectures.tiny.build());
 * const copy = await modelFromKerasJson(text, "tiny.json");
 * console.log(copy.countParams()); // 411
 * ```
 */
export function kerasJson(model: LayersModel): string {
  const { class_name, config } = model.toJSON(null, false) as { class_name: string; config: unknown };
  return `${JSON.stringify({ class_name, config, keras_version: KERAS_VERSION, backend: "tensorflow" }, null, 2)}\n`;
}

/**
 * Builds a model from Keras JSON, with new initial weights; `name` is for messages.
 *
 * @throws {@link FormatError} when the text is no JSON of a Keras 2 model, or has a layer that tfjs does not know.
 */
export async function modelFromKerasJson(text: string, name: string): Promise<LayersModel> {
  const json = KerasJson.safeParse(parseJson(text, name));
  if (!json.success) {
    throw new FormatError({
      code: "NOT_KERAS_JSON",
      subject: name,
      found: `JSON that is no Keras model (${json.error.issues.map(({ path, message }) => `${path.join(".") || "top"}: ${message}`).join("; ")})`,
      expected: "the architecture that Keras 2 writes with `model.to_json()`",
    });
  }
  const { class_name, config } = json.data;
  const named = Array.isArray(config) ? { name: class_name.toLowerCase(), layers: config } : config;
  const topology = { class_name: class_name === "Functional" ? "Model" : class_name, config: forTfjs(named) };
  try {
    return await tf.models.modelFromJSON({ modelTopology: topology as never });
  } catch (cause) {
    throw new FormatError({
      code: "UNSUPPORTED_KERAS_MODEL",
      subject: name,
      found: `a model that TensorFlow.js cannot build (${cause instanceof Error ? cause.message.split(/\n|\. /)[0] : String(cause)})`,
      expected: "Keras 2 layers that TensorFlow.js has",
      fix: "Save the model with Keras 2, or register the layer with tf.serialization.registerClass",
      cause,
    });
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError({
      code: "NOT_JSON",
      subject: name,
      found: text.trim() === "" ? "an empty file" : "text that is no JSON",
      expected: "the architecture that Keras 2 writes with `model.to_json()`",
      cause,
    });
  }
}

/** Keys that newer Keras writes beside `class_name` and `config`, and tfjs does not expect. */
const NEWER_KEYS = new Set(["module", "registered_name", "build_config", "compile_config"]);

/** The same value in the older dialect that tfjs reads. */
function forTfjs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(forTfjs);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !NEWER_KEYS.has(key));
  return Object.fromEntries(
    entries.map(([key, item]) => {
      if (key === "axis" && Array.isArray(item) && item.length === 1) return [key, item[0]];
      if (key === "dtype" && typeof item === "object" && item !== null) return [key, "float32"];
      return [key, forTfjs(item)];
    }),
  );
}
