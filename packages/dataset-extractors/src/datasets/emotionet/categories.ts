/**
 * The sheet of 16 emotion categories: a URL (`url_server`), in some copies the original URL, and one-hot columns. Only 1
 * is active; inactive is 0 or -1. Rows with two active columns have no class, nor have the ten compound categories.
 */
import type { Expression } from "@fer/core";
import type { Form, Misfit } from "../../definition.js";
import { columnName, csvRecords, missingFrom } from "../../files/csv.js";
import { firstRow, sheetRows } from "../../files/sheet.js";
import { listed, type RowReading } from "../../readers/listed.js";
import type { Folder } from "../../tree/folder.js";
import { fileName } from "../../tree/names.js";
import type { EmotioNetOptions } from "./options.js";
import { Pictures, cleanUrl, idOf, isUrl } from "./pictures.js";

/** Columns in the owners' (alphabetical) order; those without a class are compound. */
const CATEGORIES = {
  angrily_disgusted: null,
  angrily_surprised: null,
  angry: "anger",
  appalled: null,
  awed: null,
  disgusted: "disgust",
  fearful: "fear",
  fearfully_angry: null,
  fearfully_surprised: null,
  happily_disgusted: null,
  happily_surprised: null,
  happy: "happy",
  sad: "sad",
  sadly_angry: null,
  sadly_disgusted: null,
  surprised: "surprise",
} as const satisfies Record<string, Expression | null>;
type Category = keyof typeof CATEGORIES;
const NAMES = Object.keys(CATEGORIES) as Category[];

export const categories: Form<EmotioNetOptions> = {
  name: "categories",
  tree: `URLsWithEmotionCat_aws.xlsx (or .csv)      url_server, original URL, ${NAMES.slice(0, 3).join(", ")}, ...
<pictures>/N_0000000001/N_0000000001_00039.jpg   or   <pictures>/N_0000000001_00039.jpg`,
  async detect(folder) {
    const { files, misfit } = await findSheets(folder);
    return files.length > 0 ? folder : misfit;
  },
  async *read(folder, options) {
    const pictures = await Pictures.open(folder, options);
    // a workbook and its export are one sheet
    const [file] = (await findSheets(folder)).files;
    yield* listed(folder, {
      rows: () => categoryRows(folder, file!),
      picture: ({ url }) => pictures.find(url),
      read: (row, picture) => pictures.unlessDoubtful(picture, readRow(row)),
    });
  },
};

/** A row of the sheet. */
interface CategoryRow {
  source: string;
  url: string;
  original: string;
  /** The categories that are 1. */
  active: Category[];
}

async function* categoryRows(folder: Folder, file: string): AsyncGenerator<CategoryRow> {
  const cells = await firstRow(folder, file);
  const columns = urlColumns(cells);
  const positional = [columns.url, ...(isUrl(cells[1]) ? [columns.original] : []), ...NAMES];
  const required: string[] = [columns.url, ...NAMES];
  const records = csvRecords(sheetRows(folder, file), { file, required, optional: [columns.original], positional });
  for await (const { line, values } of records) {
    yield {
      source: `${file}:${line}`,
      url: cleanUrl(values[columns.url]!),
      original: cleanUrl(values[columns.original] ?? ""),
      active: NAMES.filter((name) => Number(values[name]!.trim() || "0") === 1),
    };
  }
}

function readRow({ url, original, active }: CategoryRow): RowReading {
  const [name] = active;
  if (name === undefined) return { reason: "unlabelled", detail: "no category is 1" };
  if (active.length > 1) return { reason: "multi-label", detail: active.join(", ") };
  const expression = CATEGORIES[name];
  if (expression === null) return { reason: "compound", detail: name };
  return { id: idOf(url), expression, group: original || null, rawLabel: name };
}

/** Names of the columns with the server's URL and the original one; made up where there is no header. */
function urlColumns(cells: readonly string[]): { url: string; original: string } {
  const names = isUrl(cells[0]) ? [] : cells.map(columnName);
  const url = names.find((name) => /url|server/.test(name) && !/orig/.test(name)) ?? names[0] ?? "url_server";
  const other = names.find((name) => name !== url && name !== "" && !NAMES.includes(name as Category));
  return { url, original: other ?? "original" };
}

/** Workbooks and csv files with the sixteen columns, by name, or by number where there is no header. */
async function findSheets(folder: Folder): Promise<{ files: string[]; misfit: Misfit | undefined }> {
  const files: string[] = [];
  let misfit: Misfit | undefined;
  for (const file of [...folder.findFiles(/\.csv$/i), ...folder.findFiles(/\.xlsx$/i)]) {
    // an export makes its workbook, which may be locked, unnecessary
    if (/facs/i.test(fileName(file)) || (files.length > 0 && /\.xlsx$/i.test(file))) continue;
    const cells = await firstRow(folder, file);
    // the owners' order, which is that of the alphabet
    const urls = cells.filter(isUrl).length;
    const isPlain = isUrl(cells[0]) && urls <= 2 && cells.length === NAMES.length + urls;
    const found = isPlain ? undefined : missingFrom({ file, cells, columns: NAMES });
    if (found === undefined) files.push(file);
    else if (misfit === undefined || found.near > misfit.near) misfit = found;
  }
  return { files, misfit };
}
