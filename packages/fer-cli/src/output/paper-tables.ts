/** Tables as papers and their drafts have them. */

/** Forms of a table that is asked for. */
export const TABLE_FORMATS = ["text", "markdown", "csv", "latex"] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** Of a header and rows. */
export function markdownTable([header, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header!), `|${header!.map(() => " --- |").join("")}`, ...rows.map(line)].join("\n");
}

interface LatexTable {
  header: readonly string[];
  rows: readonly (readonly string[])[];
  caption: string;
}

/** With the rules of the package booktabs. */
export function latexTable({ header, rows, caption }: LatexTable): string {
  const line = (cells: readonly string[]): string => `    ${cells.map(escaped).join(" & ")} \\\\`;
  return [
    "\\begin{table}",
    "  \\centering",
    `  \\begin{tabular}{l${"r".repeat(header.length - 1)}}`,
    "    \\toprule",
    line(header),
    "    \\midrule",
    ...rows.map(line),
    "    \\bottomrule",
    "  \\end{tabular}",
    `  \\caption{${escaped(caption)}}`,
    "\\end{table}",
  ].join("\n");
}

const LATEX: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "$<$",
  ">": "$>$",
};

/** Text as LaTeX writes it; a minus is one of mathematics. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\\~^<>]|[&%$#_{}]/g, (found) => LATEX[found] ?? `\\${found}`)
    .replaceAll(/(?<=^|\[|, )-(?=\d)/g, "$-$");
