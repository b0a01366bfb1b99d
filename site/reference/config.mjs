/** `fer.config`, and the JSON files of the artifacts: what they may hold, from their schemas. */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { root } from "../root.mjs";
import { optionsTable } from "./options-table.mjs";

const require = createRequire(import.meta.url);

/** Files of the artifacts whose JSON Schema the site holds: entry point, schema, the file that it describes. */
const FILES = [
  ["@fer/core/image-folder", "DatasetInfo", "dataset.json"],
  ["@fer/core/image-folder", "MetadataRow", "a row of metadata.jsonl"],
  ["@fer/core/image-folder", "SkippedRow", "a row of skipped.jsonl"],
  ["@fer/core/set", "SetInfo", "<name>.json of a set"],
  ["@fer/core/set", "SampleRow", "a row of <name>_<part>.jsonl"],
  ["@fer/core/run", "RunConfig", "config.json"],
  ["@fer/core/run", "ModelInfo", "model.json"],
  ["@fer/core/run", "HistoryRow", "a row of history.jsonl"],
  ["@fer/core/run", "Outcome", "outcome.json"],
  ["@fer/core/run", "Metrics", "metrics.json and evaluations/<set>-<part>.json"],
  ["@fer/core/run", "SeedsSummary", "seeds.json"],
  ["@fer/model", "SweepSummary", "sweep.json"],
];

/** The page of the config file. */
export function configPage() {
  const file = "packages/fer-cli/fer.schema.json";
  const { properties } = JSON.parse(readFileSync(join(root, file), "utf8"));
  const sections = Object.entries(properties).filter(([name]) => !name.startsWith("$"));
  const parts = sections.map(([name, schema]) => {
    const isList = schema.type === "array";
    const said = `${schema.description}.${isList ? " A list: one entry a dataset." : ""} The options of [\`fer ${name}\`](/commands/fer-${name}.md).`;
    return `## ${name}\n\n${said}\n\n${optionsTable(isList ? schema.items : schema)}`;
  });
  const content = `# fer.config

What [\`fer pipeline\`](/commands/fer-pipeline.md) runs: a section for each of its steps, in a \`fer.config.ts\` or \`fer.config.json\`
([how one looks](/packages/cli.md)). [fer.schema.json](/schemas/fer.schema.json) is the JSON Schema of the latter.

${parts.join("\n\n")}
`;
  return { route: "reference/config.md", source: file, content };
}

/** The page of the artifacts, and the JSON Schemas that it links to, by their names. */
export async function artifactsPage() {
  const schemas = {};
  const rows = [];
  for (const [of, name, file] of FILES) {
    const { [name]: schema } = await import(require.resolve(of));
    schemas[`${name}.json`] = { ...z.toJSONSchema(schema, { io: "output", unrepresentable: "any" }), title: file };
    const page = `/api/${of.slice("@fer/".length).replaceAll("/", "-")}.md#${name.toLowerCase()}`;
    rows.push(`| \`${file}\` | [\`${name}\`](${page}) of \`${of}\` | [${name}.json](/schemas/${name}.json) |`);
  }
  const content = `# Files that others read

Each JSON file of an image folder, a set or a run has one schema: zod for programs in TypeScript, JSON Schema for all others. The
folders are described where they are made: [image folders](/packages/dataset-extractors.md),
[sets](/packages/split-assembler.md#files-of-a-set), [runs](/packages/model.md#run-folder).

| file | zod | JSON Schema |
| --- | --- | --- |
${rows.join("\n")}
`;
  return { page: { route: "reference/files.md", source: "packages/core/src", content }, schemas };
}
