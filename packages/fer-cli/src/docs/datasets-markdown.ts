/** `docs/datasets.md`, and the table of datasets in READMEs. */
import { byCodeUnit, EXPRESSIONS, formatCount } from "@fer/core";
import { adapters, type Expected } from "@fer/dataset-extractors";
import { type AdapterFacts, factsOf, sumOf } from "../render/adapters.js";

const PAGE = "https://github.com/fer-framework/fer/blob/main/docs/datasets.md";
const START = "<!-- datasets -->";
const END = "<!-- /datasets -->";

/** How sure the owner's totals are. */
const MARKS: Readonly<Record<Expected["mark"], string>> = {
  V: "verified on real files",
  2: "two sources",
  D: "documented by the owners",
  1: "one source",
};

/** The table of all datasets. */
function datasetsTable(): string {
  const head = ["name", "dataset", "classes", "size", "forms", "groups", "licence", "adapter checked on"];
  return markdownTable(
    head,
    all().map(([facts, { groupKind, licence, verified }]) => [
      `[\`${facts.name}\`](${PAGE}#${facts.name})`,
      facts.title,
      facts.classes ?? "-",
      facts.size ?? "-",
      facts.forms.map(({ name }) => `\`${name}\``).join(", "),
      groupKind,
      licence,
      verified,
    ]),
  );
}

/** A text with the table of today between its markers. */
export function withDatasetsTable(text: string): string {
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`there is no ${START} ... ${END}`);
  return `${text.slice(0, start + START.length)}\n\n${datasetsTable()}\n\n${text.slice(end)}`;
}

/** The page. */
export function datasetsMarkdown(): string {
  const parts = [
    "# Datasets",
    'Generated from the adapters (`npm run docs`); `fer datasets` prints the same. Sizes are the owners\' totals of the form with most items. "Checked on" says whether the adapter was run on files of the owners, or on synthetic copies of their layout only.',
    datasetsTable(),
    ...all().map(([facts]) => section(facts)),
  ];
  return `${parts.join("\n\n")}\n`;
}

const all = () =>
  Object.values(adapters)
    .map((adapter) => [factsOf(adapter), adapter] as const)
    .toSorted(([a], [b]) => byCodeUnit(a.name, b.name));

function section({ name, title, facts, forms, options, command }: AdapterFacts): string {
  const shown = options.map((flag) => [
    `\`${flag.path.join(".")}\``,
    flag.default === undefined ? "-" : `\`${JSON.stringify(flag.default)}\``,
    flag.description,
  ]);
  return [
    `## ${name}`,
    `**${title}**`,
    facts.map(([key, value]) => `- ${key.charAt(0).toUpperCase()}${key.slice(1)}: ${value}`).join("\n"),
    `\`\`\`sh\n${command}\n\`\`\``,
    ...(shown.length === 0 ? [] : [markdownTable(["option", "default", "what it does"], shown)]),
    ...forms.flatMap((form) => [
      `### ${name}: ${form.name}`,
      `\`\`\`\n${form.tree}\n\`\`\``,
      ...(form.expected.length === 0 ? [] : [totalsTable(form.expected)]),
    ]),
  ].join("\n\n");
}

function totalsTable(expected: readonly Expected[]): string {
  const rows = expected.map((row) => {
    const counts = EXPRESSIONS.map((_, label) => {
      const count = row.counts?.[label];
      return count === undefined ? "" : formatCount(count);
    });
    return [row.split, ...counts, `${formatCount(sumOf(row))}${row.of === "groups" ? " clips" : ""}`, MARKS[row.mark]];
  });
  return markdownTable(["split", ...EXPRESSIONS, "sum", "confidence"], rows);
}

function markdownTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", String.raw`\|`)).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
