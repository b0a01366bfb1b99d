/** The config file as zod knows it: what `fer.schema.json` is generated from. By-value keys exist in ts configs only. */
import { ExtractOptions } from "@fer/dataset-extractors";
import { TrainerOptions } from "@fer/model";
import { AssemblerOptions } from "@fer/split-assembler";
import { Part } from "@fer/core/set";
import { z } from "zod";

/** `evaluate`: one more set. */
export const EvaluateSection = z.strictObject({
  on: z.string().describe("Set to measure the model on, as <folder>/<name>"),
  part: Part.default("test").describe("Part of that set"),
});

/** The whole file. */
export const FerConfigSchema = z.strictObject({
  $schema: z.string().optional().describe("Path or address of fer.schema.json"),
  extract: z.array(ExtractOptions).optional().describe("Official dataset folders -> image folders"),
  assemble: AssemblerOptions.extend({
    folders: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Image folders to merge; all those extracted, when left out"),
  })
    .optional()
    .describe("Image folders -> a set"),
  train: TrainerOptions.extend({
    to: z.string().describe("Run folder to write"),
    set: z.string().optional().describe("Set to train on, as <folder>/<name>; the one assembled, when left out"),
  })
    .optional()
    .describe("A set -> a trained model"),
  evaluate: z.array(EvaluateSection).optional().describe("More sets to measure the model on"),
  state: z.string().default(".fer").describe("Folder in which the pipeline remembers finished stages"),
});

/** JSON Schema of the config file (draft 2020-12). */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(FerConfigSchema, { io: "input" }) as Record<string, unknown>;
  return { ...schema, title: "fer.config.json of @fer/cli" };
}
