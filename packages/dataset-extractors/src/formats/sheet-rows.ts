import { csvRows } from "./csv.js";
import type { CsvRow } from "./csv.js";
import type { Folder } from "./folder.js";
import { xlsxRows } from "./xlsx.js";

/** Rows of a table that owners ship as a workbook and users export: `.xlsx` (first sheet), `.csv`, or tabs in `.txt`. */
export function sheetRows(folder: Folder, file: string): AsyncIterable<CsvRow> {
  if (/\.xlsx$/i.test(file)) return xlsxRows(folder.absolute(file), { file });
  return csvRows(folder.lines(file), { file, separator: /\.(txt|tsv)$/i.test(file) ? "\t" : "," });
}

/** Cells of the first row; none where the file is empty. */
export async function firstRow(folder: Folder, file: string): Promise<string[]> {
  for await (const { cells } of sheetRows(folder, file)) return cells;
  return [];
}
