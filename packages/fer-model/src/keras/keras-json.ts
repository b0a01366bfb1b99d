/** The JSON that Keras 2 and 3 write of a model, as far as it is alike: layers with their class and settings. */
import { FormatError } from "@fer/core";
import { z } from "zod";

export const LayerJson = z.looseObject({
  class_name: z.string(),
  config: z.record(z.string(), z.unknown()),
  module: z.string().nullish(),
  name: z.string().optional(),
});
export type LayerJson = z.infer<typeof LayerJson>;

/** A model's JSON as Keras writes it. */
export const ModelJson = z.looseObject({
  class_name: z.enum(["Sequential", "Model", "Functional"]),
  config: z.union([z.array(LayerJson), z.looseObject({ layers: z.array(LayerJson) })]),
  module: z.string().nullish(),
  keras_version: z.string().optional(),
});
export type ModelJson = z.infer<typeof ModelJson>;

/** Whether a layer is a model itself. */
export const isModel = (layer: { class_name: string }): boolean =>
  (ModelJson.shape.class_name.options as readonly string[]).includes(layer.class_name);

/** Name of a layer. */
export const nameOf = (layer: LayerJson): string => layer.name ?? String(layer.config["name"]);

/** Reads the text of one file; `name` is for messages. @throws {@link FormatError} */
export function parseModel(text: string, name: string): ModelJson {
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
