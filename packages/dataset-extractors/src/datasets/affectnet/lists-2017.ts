/**
 * AffectNet as released in 2017: csv lists beside numbered folders of photos. The box is `x, y, width, height` (never
 * ends). The list has a header in some copies and none in others; taking one for granted loses a row. Numbered folders
 * are storage buckets. The machine-labelled part is a list of its own and never mixed with the manual one.
 */
import type { Form } from "../../definition.js";
import { csvTable, firstCells, missingFrom, type TableRow } from "../../files/csv.js";
import { safeId } from "../../ids.js";
import { boxNumbers } from "../../readers/box-columns.js";
import { boxAs, checkBoxFit, type WrittenBox } from "../../readers/box-fit.js";
import { listed, type RowReading } from "../../readers/listed.js";
import type { Folder } from "../../tree/folder.js";
import type { Split } from "@fer/core/image-folder";
import { AUTOMATIC_TOTALS, MANUAL_TOTALS, affect, landmarks, readCode } from "./codes.js";
import type { AffectNetOptions } from "./options.js";

const COLUMNS = [
  "subDirectory_filePath",
  "face_x",
  "face_y",
  "face_width",
  "face_height",
  "facial_landmarks",
  "expression",
  "valence",
  "arousal",
] as const;
type Row = TableRow<(typeof COLUMNS)[number]>;

/** Base names of the lists. */
const LISTS: Record<AffectNetOptions["part"], readonly (readonly [RegExp, Split])[]> = {
  manual: [
    [/^training\.csv$/i, "train"],
    [/^validation\.csv$/i, "val"],
  ],
  automatic: [[/^automatically[_ ]annotated\.csv$/i, "all"]],
};

const FIRST_CELL = /^(subDirectory_filePath|\d+\/[0-9a-f]{8,}\.\w+)$/i;

const OWN_FILE = "Use the list as the owners ship it";

/** Rows whose picture is looked for in every folder, to learn where the pictures lie; later by name alone. */
const TRIES = 1000;

export const lists2017: Form<AffectNetOptions> = {
  name: "lists-2017",
  tree: `Manually_Annotated/Manually_Annotated_Images/<1..1381>/<56 hex>.<ext>
Manually_Annotated_file_lists/training.csv, validation.csv
Automatically_Annotated/Automatically_Annotated_Images/<n>/<56 hex>.<ext>
Automatically_Annotated_file_lists/automatically_annotated.csv`,
  expected: ({ part }) => (part === "manual" ? MANUAL_TOTALS : AUTOMATIC_TOTALS),
  async detect(folder, options) {
    if ((await findLists(folder, options)).length > 0) return folder;
    const [file] = LISTS[options.part].flatMap(([name]) => folder.findFiles(name));
    if (file === undefined) return undefined;
    return missingFrom({ file, cells: await firstCells(folder, file), columns: COLUMNS });
  },
  async *read(folder, options) {
    const read = new Set<string>();
    for (const { file, split } of await findLists(folder, options)) {
      const dir = await imageFolder(folder, file);
      read.add(dir);
      await checkBoxFit(folder, { file, kind: "size", boxes: boxesOf(folder, { file, dir }), fix: OWN_FILE });
      yield* listed(folder, {
        in: dir,
        byName: true,
        rows: () => rowsOf(folder, file),
        picture: (row) => row.subDirectory_filePath.trim(),
        read: (row) => readRow(row, split),
      });
    }
    const part = options.part === "manual" ? "automatic" : "manual";
    for (const { file } of (await findLists(folder, { ...options, part })).slice(0, 1)) {
      const source = await imageFolder(folder, file);
      if (source !== "" && !read.has(source))
        yield { source, reason: "not-chosen", detail: `the ${options.part} part is read (--part)` };
    }
  },
};

const rowsOf = (folder: Folder, file: string) => csvTable(folder, { file, required: COLUMNS, positional: COLUMNS });

/** The folder that holds the first listed picture that is there, shallowest first. */
async function imageFolder(folder: Folder, file: string): Promise<string> {
  let tries = TRIES;
  for await (const row of rowsOf(folder.peek(), file)) {
    const name = row.subDirectory_filePath.trim();
    const [dir] = folder.findFolders((path) => folder.has(path === "" ? name : `${path}/${name}`));
    if (dir !== undefined) return dir;
    if ((tries -= 1) === 0) break;
  }
  return "";
}

const cellsOfBox = (row: Row) => [row.face_x, row.face_y, row.face_width, row.face_height];

/** The boxes of rows whose pictures are there. */
async function* boxesOf(folder: Folder, { file, dir }: { file: string; dir: string }): AsyncGenerator<WrittenBox> {
  for await (const row of rowsOf(folder.peek(), file)) {
    const { path: picture } = folder.find(row.subDirectory_filePath.trim(), { in: dir, byName: true });
    const numbers = boxNumbers(cellsOfBox(row));
    if (picture !== undefined && numbers !== undefined) yield { picture, numbers };
  }
}

function readRow(row: Row, split: Split): RowReading {
  const expression = readCode(row.expression, row.source);
  if (typeof expression !== "string") return expression;
  const numbers = boxNumbers(cellsOfBox(row));
  if (numbers === undefined)
    return { reason: "bad-box", detail: `box "${cellsOfBox(row).join(",")}" is not four numbers` };
  const box = boxAs("size", numbers);
  if (box.width <= 0 || box.height <= 0)
    return { reason: "bad-box", detail: `box of ${box.width} x ${box.height} is empty` };
  return {
    id: safeId(row.subDirectory_filePath.trim().replace(/\.[^./]*$/, "")),
    valence: affect(row.valence),
    arousal: affect(row.arousal),
    landmarks: landmarks(row.facial_landmarks.split(";").map(Number)),
    expression,
    split,
    box,
    rawLabel: row.expression.trim(),
  };
}

/** The lists of the wanted part that are AffectNet's by their first cell. */
async function findLists(folder: Folder, { part }: AffectNetOptions): Promise<{ file: string; split: Split }[]> {
  const found: { file: string; split: Split }[] = [];
  for (const [name, split] of LISTS[part]) {
    for (const file of folder.findFiles(name)) {
      const [cell = ""] = await firstCells(folder, file);
      if (!FIRST_CELL.test(cell.trim())) continue;
      found.push({ file, split });
      break;
    }
  }
  return found;
}
