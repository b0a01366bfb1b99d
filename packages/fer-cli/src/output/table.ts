/** Plain text tables: columns as wide as their longest cell, numbers to the right. */
import { formatCount, formatPercent } from "@fer/core";
import { oneLine } from "./printable.js";

/** A cell: text, a number, or nothing. */
export type Cell = string | number | null | undefined;

/** Lines of a table with a header. `null` and `undefined` show as `-`. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const shown = rows.map((row) => row.map(cellText));
  const right = header.map((_, column) => rows.length > 0 && rows.every((row) => isNumber(row[column])));
  const widths = header.map((name, column) => Math.max(name.length, ...shown.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (right[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [header, ...shown].map(line).join("\n");
}

const isNumber = (cell: Cell): boolean => typeof cell !== "string" || /^(-|[\d.,]+%)$/.test(cell);

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return "-";
  return typeof cell === "number" ? formatCount(cell, 4) : oneLine(cell);
}

/** `87.8%`; `-` for nothing. */
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? "-" : formatPercent(share);
