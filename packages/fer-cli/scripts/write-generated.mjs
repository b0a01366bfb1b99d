/**
 * Writes what is generated from the options: `fer.schema.json` and `docs/cli.md`. With `--check` it writes nothing and
 * fails where a file is out of date. Run after `tsc -b`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cliMarkdown } from "../dist/docs/cli-markdown.js";
import { configJsonSchema } from "../dist/config/json-schema.js";

const files = {
  "../fer.schema.json": `${JSON.stringify(await configJsonSchema(), null, 2)}\n`,
  "../../../docs/cli.md": await cliMarkdown(),
};
let stale = 0;
for (const [name, text] of Object.entries(files)) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  if (!process.argv.includes("--check")) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    stale++;
    process.stderr.write(`${name} is out of date: run node packages/fer-cli/scripts/write-generated.mjs\n`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
