/**
 * The sheet of 16 emotion categories: a URL (`url_server`), in some copies the original URL, and one-hot columns. Only 1
 * is active; inactive is 0 or -1. Two active columns are no class, and so are the ten compound categories.
 */
import type { Form, SampleInput, SkippedInput } from "../../adapter.js";
import type { Expression } from "@fer/core";
import { type CsvRecord, columnName, csvRecords } from "../../files/csv.js";
import { type Folder, base } from "../../tree/folder.js";
import { firstRow, sheetRows } from "../../files/sheet.js";
import { unlistedImages } from "../../readers/unlisted.js";
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

/** The form. */
export const categories: Form<EmotioNetOptions> = {
  name: "categories",
  tree: `URLsWithEmotionCat_aws.xlsx (or .csv)      url_server, original URL, ${NAMES.slice(0, 3).join(", ")}, ...
<pictures>/N_0000000001/N_0000000001_00039.jpg   or   <pictures>/N_0000000001_00039.jpg`,
  detect: async (folder) => ((await findSheets(folder)).length > 0 ? folder : undefined),
  async *read(folder, options, tally) {
    const pictures = await Pictures.open(folder, options);
    // a workbook and its export are one sheet
    const [file] = await findSheets(folder);
    const cells = await firstRow(folder, file!);
    const { url, original } = urlColumns(cells);
    const positional = [url, ...(cells.length > NAMES.length + 1 ? [original] : []), ...NAMES];
    const optional = [original];
    for await (const record of csvRecords(sheetRows(folder, file!), {
      file: file!,
      required: [url, ...NAMES],
      optional,
      positional,
    })) {
      tally.rows();
      yield readRow(`${file}:${record.line}`, record, url, original, pictures);
    }
    yield* unlistedImages(folder, "", pictures.seen);
  },
};

function readRow(
  source: string,
  { values }: CsvRecord<string>,
  urlColumn: string,
  originalColumn: string,
  pictures: Pictures,
): SampleInput | SkippedInput {
  const url = cleanUrl(values[urlColumn]!);
  const picture = pictures.take(url);
  const active = NAMES.filter((name) => Number(values[name]!.trim() || "0") === 1);
  const [name] = active;
  if (name === undefined) return { source, reason: "unlabelled", detail: "no category is 1" };
  if (active.length > 1) return { source, reason: "multi-label", detail: active.join(", ") };
  const expression = CATEGORIES[name];
  if (expression === null) return { source, reason: "compound", detail: name };
  if ("reason" in picture) return { source, ...picture };
  const group = cleanUrl(values[originalColumn] ?? "") || null;
  return { id: idOf(url), image: { file: picture.path }, expression, group, source, rawLabel: name };
}

/** Names of the columns with the server's URL and the original one; made up where there is no header. */
function urlColumns(cells: readonly string[]): { url: string; original: string } {
  const names = isUrl(cells[0]) ? [] : cells.map(columnName);
  const url = names.find((name) => /url|server/.test(name) && !/orig/.test(name)) ?? names[0] ?? "url_server";
  const other = names.find((name) => name !== url && name !== "" && !NAMES.includes(name as Category));
  return { url, original: other ?? "original" };
}

/** Workbooks and csv files with the sixteen columns, by name, or by number where there is no header. */
async function findSheets(folder: Folder): Promise<string[]> {
  const fits: string[] = [];
  for (const file of [...folder.findFiles(/\.csv$/i), ...folder.findFiles(/\.xlsx$/i)]) {
    // an export makes its workbook, which may be locked, unnecessary
    if (/facs/i.test(base(file)) || (fits.length > 0 && /\.xlsx$/i.test(file))) continue;
    const cells = await firstRow(folder, file);
    const names = new Set(cells.map(columnName));
    const plain = isUrl(cells[0]) && [NAMES.length + 1, NAMES.length + 2].includes(cells.length);
    if (plain || NAMES.every((name) => names.has(name))) fits.push(file);
  }
  return fits;
}
