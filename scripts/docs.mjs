/**
 * Writes what is generated from the dataset adapters: `docs/datasets.md`, and the table between the markers
 * `<!-- datasets -->` and `<!-- /datasets -->` of READMEs. With `--check` it writes nothing and fails where a file is
 * out of date. Run after `tsc -b`.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EXPRESSIONS, adapters } from "@fer/dataset-extractors";
import { z } from "zod";

const START = "<!-- datasets -->";
const END = "<!-- /datasets -->";
const READMES = ["README.md", "packages/dataset-extractors/README.md"];
const MARKS = { V: "verified on real files", 2: "two sources", D: "documented by the owners", 1: "one source" };

const at = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const all = () => Object.values(adapters).sort((a, b) => (a.name < b.name ? -1 : 1));
const number = (n) => n.toLocaleString("en-US");
const row = (cells) => `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
const table = (head, rows) => [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

const sumOf = ({ total, counts }) => total ?? counts.reduce((a, b) => a + b, 0);

/** Items of the form with most of them: `32,298 images`, or nothing where nobody has counted. */
function size(adapter) {
  const sizes = Object.values(adapter.expected)
    .filter((expected) => expected.length > 0)
    .map((expected) => ({
      of: expected[0].of === "groups" ? "clips" : "images",
      n: expected.reduce((n, e) => n + sumOf(e), 0),
    }))
    .sort((a, b) => b.n - a.n);
  return sizes.length === 0 ? "-" : `${number(sizes[0].n)} ${sizes[0].of}`;
}

/** Classes that the owner's totals know; what a user's own data hold is the user's business. */
function classes(adapter) {
  const counts = Object.values(adapter.expected)
    .flat()
    .flatMap((e) => (e.counts === undefined ? [] : [e.counts]));
  if (counts.length === 0) return "-";
  return EXPRESSIONS.filter((_, label) => counts.some((of) => (of[label] ?? 0) > 0)).length;
}

/** The table of all datasets, as in READMEs. */
export function datasetsTable() {
  return table(
    ["name", "dataset", "classes", "size", "forms", "groups", "licence", "adapter checked on"],
    all().map((a) => [
      `[\`${a.name}\`](${"https://github.com/fer-framework/fer/blob/main/docs/datasets.md"}#${a.name})`,
      a.title,
      classes(a),
      size(a),
      a.forms.map((form) => `\`${form.name}\``).join(", "),
      a.groupKind,
      a.licence,
      a.verified,
    ]),
  );
}

/** The whole of `docs/datasets.md`. */
export function datasetsMarkdown() {
  const parts = [
    "# Datasets",
    'Generated from the adapters (`node scripts/docs.mjs`); `fer datasets` prints the same. Sizes are the owners\' totals of the form with most items. "Checked on" says whether the adapter was run on files of the owners, or on synthetic copies of their layout only.',
    datasetsTable(),
    ...all().map(section),
  ];
  return `${parts.join("\n\n")}\n`;
}

function section(adapter) {
  const facts = [
    `- Licence: ${adapter.licence}`,
    `- Get it: ${adapter.access}`,
    `- Homepage: ${adapter.homepage}`,
    `- Cite: ${adapter.citation}`,
    `- Pictures: ${adapter.imageKind === "crop" ? "cut-out faces" : "whole photos"}; group: ${adapter.groupKind}, comparable within \`${adapter.groupSpace}\`; splits: ${adapter.splits.join(", ")}`,
    `- Adapter checked on: ${adapter.verified}`,
  ];
  const command = ["```sh", `fer extract ${adapter.name} --from <folder> --to data/${adapter.name}`, "```"].join("\n");
  return [
    `## ${adapter.name}`,
    `**${adapter.title}**`,
    facts.join("\n"),
    command,
    options(adapter),
    ...adapter.forms.map((form) => formText(adapter, form)),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function options(adapter) {
  const { properties = {} } = z.toJSONSchema(adapter.options, { io: "input" });
  const rows = Object.entries(properties).map(([name, schema]) => [
    `\`${name}\``,
    schema.default === undefined ? "-" : `\`${JSON.stringify(schema.default)}\``,
    schema.description ?? "",
  ]);
  return rows.length === 0 ? "" : table(["option", "default", "what it does"], rows);
}

function formText(adapter, form) {
  const expected = adapter.expected[form.name];
  const totals = table(
    ["split", ...EXPRESSIONS, "sum", "confidence"],
    expected.map((e) => [
      e.split,
      ...EXPRESSIONS.map((_, label) => (e.counts?.[label] === undefined ? "" : number(e.counts[label]))),
      `${number(sumOf(e))} ${e.of === "groups" ? "clips" : ""}`.trim(),
      MARKS[e.mark],
    ]),
  );
  const tree = ["```", form.tree.trim(), "```"].join("\n");
  return [`### ${adapter.name}: ${form.name}`, tree, ...(expected.length > 0 ? [totals] : [])].join("\n\n");
}

/** `text` with the table of today between its markers; unchanged where it has none. */
export function withTable(text) {
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) return text;
  return `${text.slice(0, start + START.length)}\n\n${datasetsTable()}\n\n${text.slice(end)}`;
}

/** Every generated file as `path from the root -> content`. */
export function generated() {
  const files = { "docs/datasets.md": datasetsMarkdown() };
  for (const file of READMES) if (existsSync(at(file))) files[file] = withTable(readFileSync(at(file), "utf8"));
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let stale = 0;
  for (const [file, text] of Object.entries(generated())) {
    if (!process.argv.includes("--check")) writeFileSync(at(file), text);
    else if (!existsSync(at(file)) || readFileSync(at(file), "utf8") !== text) {
      stale += 1;
      process.stderr.write(`${file} is out of date: run node scripts/docs.mjs\n`);
    }
  }
  process.exitCode = stale === 0 ? 0 : 1;
}
