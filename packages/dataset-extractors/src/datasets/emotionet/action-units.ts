/**
 * Action units of EmotioNet: `dataFile_XXXX.txt` (tabs, no header, 62 columns, automatic) and the FACS sheet (manual; quotes
 * in header and URLs). 1 is present, 0 absent, 999 unknown. No owner's expression: rows are unlabelled, unless the
 * option derives one from the sets of Du et al. 2014 (an exact match, unknown units apart).
 */
import type { Expression } from "@fer/core";
import type { Form } from "../../definition.js";
import { columnName } from "../../files/csv.js";
import { firstRow, sheetRows } from "../../files/sheet.js";
import { unknownCode } from "../../readers/codes.js";
import { listed, type RowReading } from "../../readers/listed.js";
import type { Folder } from "../../tree/folder.js";
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

/** Where action units are, by form. */
interface Source {
  name: string;
  tree: string;
  split: Split;
  /** The files of the form. */
  find(folder: Folder): Promise<string[]>;
}

/** Manual, in a sheet; automatic, in many text files. */
const SOURCES: readonly Source[] = [
  {
    name: "facs",
    tree: "EmotioNet_FACS_aws_2020_24600.xlsx (or .csv)      URL, URL orig, 'AU 1', ..., 'AU 60'",
    split: "val",
    async find(folder) {
      for (const file of [...folder.findFiles(/\.csv$/i), ...folder.findFiles(/facs.*\.xlsx$/i)]) {
        const cells = (await firstRow(folder, file)).map(columnName);
        if (cells.filter((cell) => UNIT.test(cell)).length >= 6) return [file];
      }
      return [];
    },
  },
  {
    name: "au-files",
    tree: "dataFile_0001.txt ...      URL, original URL, AU1..AU60 between tabs, no header",
    split: "train",
    async find(folder) {
      const fits: string[] = [];
      for (const file of folder.findFiles(/^datafile_\d+\.txt$/i)) {
        if (isUrl((await folder.firstLine(file)).split("\t")[0])) fits.push(file);
      }
      return fits.sort();
    },
  },
];

export const actionUnits: readonly Form<EmotioNetOptions>[] = SOURCES.map(({ name, tree, split, find }) => ({
  name,
  tree: `${tree}\n<pictures>/N_0000000001/N_0000000001_00039.jpg`,
  detect: async (folder) => ((await find(folder)).length > 0 ? folder : undefined),
  async *read(folder, options) {
    const pictures = await Pictures.open(folder, options);
    const files = await find(folder);
    yield* listed(folder, {
      rows: () => unitRows(folder, files),
      picture: ({ url }) => pictures.find(url),
      read: (row, picture) => pictures.unlessDoubtful(picture, readRow(row, { split, options })),
    });
  },
}));

/** A row: its URLs, the cell of each action unit. */
interface UnitRow {
  source: string;
  url: string;
  original: string;
  units: [number, string][];
}

async function* unitRows(folder: Folder, files: readonly string[]): AsyncGenerator<UnitRow> {
  for (const file of files) {
    let columns: Map<number, number> | undefined;
    for await (const { line, cells } of sheetRows(folder, file)) {
      if (columns === undefined) {
        columns = unitColumns(cells);
        if (!isUrl(cells[0])) continue;
      }
      const source = `${file}:${line}`;
      const url = cleanUrl(cells[0]!);
      if (!isUrl(url)) throw unknownCode({ source, what: "the first cell", found: cells[0]!, expected: "a URL" });
      const units = [...columns].map(([at, unit]): [number, string] => [unit, cells[at] ?? ""]);
      yield { source, url, original: cleanUrl(cells[1] ?? ""), units };
    }
  }
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
  { source, url, original, units: cells }: UnitRow,
  { split, options }: { split: Split; options: EmotioNetOptions },
): RowReading {
  const units: Record<string, number> = {};
  let known = 0;
  for (const [unit, cell] of cells) {
    const value = Number(cell.trim() || "999");
    if (value === 1) units[unit] = 1;
    else if (value !== 0 && value !== 999 && value !== -1)
      throw unknownCode({ source, what: `AU ${unit}`, found: cell, expected: "1, 0 or 999" });
    if (value !== 999) known += 1;
  }
  const present = Object.keys(units).join(" ");
  if (known === 0) return { reason: "invalid", detail: "all action units are 999" };
  const expression = options.fromActionUnits ? expressionOf(units) : undefined;
  if (expression === undefined)
    return { reason: "unlabelled", detail: `action units ${present || "none"}, no expression` };
  const group = isUrl(original) ? original : null;
  return { id: idOf(url), expression, split, group, rawLabel: present, actionUnits: units };
}

const expressionOf = (units: Record<string, number>): Expression | undefined => {
  const present = Object.keys(units).length;
  return SETS.find(([, set]) => set.length === present && set.every((unit) => units[unit] === 1))?.[0];
};
