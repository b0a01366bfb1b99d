/** Settings of layers in the words that tfjs reads. */
import { tf } from "@fer/tfjs-graph";
import { z } from "zod";
import type { LayerJson } from "./keras-json.js";
import type { LayerConfig } from "./layer-rules.js";
import { Untranslatable } from "./untranslatable.js";

/** Keys that newer Keras writes beside `class_name` and `config`, and tfjs does not expect. */
export const NEWER_KEYS = new Set(["module", "registered_name", "build_config", "compile_config", "shared_object_id"]);

/** Names that Keras 3 gives to what tfjs calls otherwise. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["LecunNormal", "LeCunNormal"],
  ["LecunUniform", "LeCunUniform"],
  ["OrthogonalInitializer", "Orthogonal"],
  ["IdentityInitializer", "Identity"],
  ["L1", "L1L2"],
  ["L2", "L1L2"],
]);

/** A setting in the dialect that tfjs reads. */
export function plainSetting(value: unknown, key: string): unknown {
  if (key === "dtype") return precision(value);
  if (Array.isArray(value)) {
    return key === "axis" && value.length === 1 ? value[0] : value.map((item) => plainSetting(item, ""));
  }
  if (typeof value !== "object" || value === null) return value;
  const { class_name, items, config } = value as { class_name?: unknown; items?: unknown; config?: unknown };
  if (class_name === "__tuple__" && Array.isArray(items)) return items.map((item) => plainSetting(item, ""));
  if (typeof class_name === "string" && typeof config === "object") {
    const known = RENAMED.get(class_name) ?? class_name;
    // Weights replace what it would draw.
    if (key.endsWith("_initializer") && !isRegistered(known)) return { class_name: "Zeros", config: {} };
    return { class_name: known, config: plainSetting(config, "") };
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !NEWER_KEYS.has(name))
      .map(([name, item]) => [name, plainSetting(item, name)]),
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

/** Whether tfjs, or the user, has a class of this name. */
export const isRegistered = (className: string): boolean =>
  Object.hasOwn(tf.serialization.SerializationMap.getMap().classNameMap, className);

const Shape = z.array(z.number().nullable());

/** tfjs leaves the -1 of a Reshape open; Keras notes the shape of the input beside most of them. */
export function withTarget(config: LayerConfig, { class_name, ...layer }: LayerJson): LayerConfig {
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
