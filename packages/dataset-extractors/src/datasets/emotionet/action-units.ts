/**
 * Action units of EmotioNet: `dataFile_XXXX.txt` (tabs, no header, 62 columns, automatic) and the FACS sheet (manual; quotes
 * in header and URLs). 1 is present, 0 absent, 999 unknown. No owner's expression: rows are unlabelled, unless the
 * option derives one from the sets of Du et al. 2014 (an exact match, unknown units apart).
 */
import type { Form, SampleInput, SkippedInput } from "../../adapter.js";
import type { Expression } from "@fer/core";
import { type CsvRow, columnName } from "../../files/csv.js";
import type { Folder } from "../../tree/folder.js";
import { firstRow, sheetRows } from "../../files/sheet.js";
import { unknownCode } from "../../readers/codes.js";
import { unlistedImages } from "../../readers/unlisted.js";
import type { Split } from "@fer/core/image-folder";
import type { EmotioNetOptions } from "./options.js";
import { Pictures, cleanUrl, idOf, isUrl } from "./pictures.js";

/** Present units of each expression (Du, Tao and Martinez 2014). */
const SETS: readonly (readonly [Expression, readonly number[]])[] = [
  ["happy", [12, 25]],
  ["sad", [4, 15]],
  ["fear", [1, 4, 20, 25]],
  ["anger", [4, 7, 24]],
  ["surprise", [1, 2, 25, 26]],
  ["disgust", [9, 10, 17]],
];
const UNITS = 60;
const UNIT = /^au ?(\d{1,2})$/;

/** The forms. */
export const actionUnits: readonly Form<EmotioNetOptions>[] = [
  form(
    "facs",
    "EmotioNet_FACS_aws_2020_24600.xlsx (or .csv)      URL, URL orig, 'AU 1', ..., 'AU 60'",
    "val",
    async (folder) => {
      const fits: string[] = [];
      for (const file of [...folder.findFiles(/\.csv$/i), ...folder.findFiles(/facs.*\.xlsx$/i)]) {
        if (fits.length > 0 && /\.xlsx$/i.test(file)) break;
        const cells = (await firstRow(folder, file)).map(columnName);
        if (cells.filter((cell) => UNIT.test(cell)).length >= 6) fits.push(file);
      }
      return fits.slice(0, 1);
    },
  ),
  form(
    "au-files",
    "dataFile_0001.txt ...      URL, original URL, AU1..AU60 between tabs, no header",
    "train",
    async (folder) => {
      const fits: string[] = [];
      for (const file of folder.findFiles(/^datafile_\d+\.txt$/i)) {
        if (isUrl((await folder.firstLine(file)).split("\t")[0])) fits.push(file);
      }
      return fits.sort();
    },
  ),
];

function form(
  name: string,
  tree: string,
  split: Split,
  find: (folder: Folder) => Promise<string[]>,
): Form<EmotioNetOptions> {
  return {
    name,
    tree: `${tree}\n<pictures>/N_0000000001/N_0000000001_00039.jpg`,
    detect: async (folder) => ((await find(folder)).length > 0 ? folder : undefined),
    async *read(folder, options, tally) {
      const pictures = await Pictures.open(folder, options);
      for (const file of await find(folder)) {
        let columns: Map<number, number> | undefined;
        for await (const row of sheetRows(folder, file)) {
          if (columns === undefined) {
            columns = unitColumns(row.cells);
            if (!isUrl(row.cells[0])) continue;
          }
          tally.rows();
          yield readRow(`${file}:${row.line}`, row, columns, split, options, pictures);
        }
      }
      yield* unlistedImages(folder, "", pictures.seen);
    },
  };
}

/** Column -> action unit, out of the header, or in order behind the two URLs. */
function unitColumns(cells: readonly string[]): Map<number, number> {
  if (isUrl(cells[0])) return new Map(Array.from({ length: UNITS }, (_, i) => [i + 2, i + 1]));
  return new Map(
    cells.flatMap((cell, at) => {
      const unit = UNIT.exec(columnName(cell))?.[1];
      return unit === undefined ? [] : [[at, Number(unit)] as const];
    }),
  );
}

function readRow(
  source: string,
  { cells }: CsvRow,
  columns: ReadonlyMap<number, number>,
  split: Split,
  options: EmotioNetOptions,
  pictures: Pictures,
): SampleInput | SkippedInput {
  const url = cleanUrl(cells[0]!);
  if (!isUrl(url)) throw unknownCode(source, "the first cell", cells[0]!, "a URL");
  const picture = pictures.take(url);
  const units: Record<string, number> = {};
  let known = 0;
  for (const [at, unit] of columns) {
    const value = Number(cells[at]?.trim() || "999");
    if (value === 1) units[unit] = 1;
    else if (value !== 0 && value !== 999 && value !== -1)
      throw unknownCode(source, `AU ${unit}`, cells[at]!, "1, 0 or 999");
    if (value !== 999) known += 1;
  }
  const present = Object.keys(units).join(" ");
  if (known === 0) return { source, reason: "invalid", detail: "all action units are 999" };
  const expression = options.fromActionUnits ? expressionOf(units) : undefined;
  if (expression === undefined)
    return { source, reason: "unlabelled", detail: `action units ${present || "none"}, no expression` };
  if ("reason" in picture) return { source, ...picture };
  const group = cleanUrl(cells[1] ?? "");
  return {
    id: idOf(url),
    image: { file: picture.path },
    expression,
    split,
    group: isUrl(group) ? group : null,
    source,
    rawLabel: present,
    actionUnits: units,
  };
}

const expressionOf = (units: Record<string, number>): Expression | undefined => {
  const present = Object.keys(units).length;
  return SETS.find(([, set]) => set.length === present && set.every((unit) => units[unit] === 1))?.[0];
};
