/**
 * Writes what is generated from options and adapters: `fer.schema.json`, `docs/cli.md`, `docs/datasets.md` and the table
 * of datasets in the README of @fer/dataset-extractors. With `--check` it writes nothing and fails where a file is out of
 * date. Run after `tsc -b` (`npm run docs` does both).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configJsonSchema } from "../dist/docs/json-schema.js";
import { cliMarkdown } from "../dist/docs/cli-markdown.js";
import { datasetsMarkdown, withDatasetsTable } from "../dist/docs/datasets-markdown.js";

const root = new URL("../../../", import.meta.url);
const README = "packages/dataset-extractors/README.md";
const read = (name) => readFileSync(fileURLToPath(new URL(name, root)), "utf8");

const files = {
  "packages/fer-cli/fer.schema.json": `${JSON.stringify(await configJsonSchema(), null, 2)}\n`,
  "docs/cli.md": await cliMarkdown(),
  "docs/datasets.md": datasetsMarkdown(),
  [README]: withDatasetsTable(read(README)),
};
let stale = 0;
for (const [name, text] of Object.entries(files)) {
  if (!process.argv.includes("--check")) writeFileSync(fileURLToPath(new URL(name, root)), text);
  else if (read(name) !== text) {
    stale++;
    process.stderr.write(`${name} is out of date: run npm run docs\n`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
