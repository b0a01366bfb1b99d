/** `fer.schema.json`: completion and checks for a `fer.config.json`. What is passed by reference is for TypeScript. */
import { z } from "zod";
import { COMMANDS, SECTIONS, type CommandEntry } from "../commands/index.js";

/** JSON Schema of the config file (draft 2020-12). */
export async function configJsonSchema(): Promise<Record<string, unknown>> {
  const sections: Record<string, z.ZodType> = {};
  for (const name of SECTIONS) {
    const { summary, section, load }: CommandEntry = COMMANDS[name];
    const { options, derived = {} } = (await load()).default;
    const optional = Object.keys(derived).map((key) => [key, options.shape[key]!.optional()]);
    const written = options.extend(Object.fromEntries(optional));
    sections[name] = (section === "list" ? z.array(written) : written).optional().describe(summary);
  }
  const Config = z.strictObject({
    $schema: z.string().optional().describe("Path or address of fer.schema.json"),
    ...sections,
  });
  return { ...z.toJSONSchema(Config, { io: "input" }), title: "fer.config.json of @fer/cli" };
}
