import { columnName } from "./csv.js";
import type { Folder } from "./folder.js";

/**
 * The csv files of a folder whose first line names all of `columns`, shallowest first. Names are compared without case,
 * blanks around them and stray quotes.
 */
export async function headedTables(folder: Folder, columns: readonly string[]): Promise<string[]> {
  const fits: string[] = [];
  for (const file of folder.findFiles(/\.csv$/i)) {
    const names = new Set((await folder.firstLine(file)).split(",").map(columnName));
    if (columns.every((column) => names.has(columnName(column)))) fits.push(file);
  }
  return fits;
}
