/** The commented `fer.config.ts` that `fer init` writes. Options and their descriptions come from the schemas. */
import { z } from "zod";

/** What the file is about. */
export interface TemplateValues {
  adapter: string;
  from: string;
  /** Name of the set and of the folders. */
  name: string;
  split: string;
}

/** Schemas whose options are listed, commented out, with their defaults. */
export interface TemplateSchemas {
  assemble: z.ZodObject;
  train: z.ZodObject;
}

/** The text of the file. */
export function configTemplate({ adapter, from, name, split }: TemplateValues, schemas: TemplateSchemas): string {
  const quoted = (text: string): string => JSON.stringify(text);
  return `/**
 * fer pipeline runs these stages one after another: extract -> assemble -> train -> evaluate -> report.
 * What is finished is kept, what was interrupted goes on; what was made with other options is refused, with the
 * difference: fer pipeline --overwrite replaces it.
 * Paths are relative to this file. Lines that are commented out show the defaults.
 */
import { defineConfig } from "@fer/cli";

export default defineConfig({
  // An official dataset folder -> an image folder. fer datasets lists the adapters, and how to get each dataset.
  extract: [
    {
      adapter: ${quoted(adapter)},
      from: ${quoted(from)},
      to: ${quoted(`data/${name}`)},
    },
  ],

  // Image folders -> .npy sets. All image folders above are merged.
  assemble: {
    name: ${quoted(name)},
    to: "features",
    split: ${quoted(split)},
${defaults(schemas.assemble, ["name", "to", "split", "folders", "overwrite"])}
  },

  // A set -> a trained model. A model, callbacks or augmentations of your own go here by value.
  train: {
    to: ${quoted(`runs/${name}`)},
${defaults(schemas.train, ["to", "set"])}
  },

  // More sets to measure the model on; its own test part is always measured.
  // evaluate: [{ on: "features/other" }],
});
`;
}

/** One commented line an option: default and description. */
function defaults(schema: z.ZodObject, left: readonly string[]): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" }) as {
    properties?: Record<string, { default?: unknown; description?: string }>;
  };
  return Object.entries(properties)
    .filter(([key, { default: value }]) => !left.includes(key) && value !== undefined)
    .map(([key, { default: value, description }]) => `    // ${key}: ${source(value)}, // ${description}`)
    .join("\n");
}

/** A JSON value as TypeScript is written: keys without quotes, a space after each comma. */
function source(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(source).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${key}: ${source(each)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
