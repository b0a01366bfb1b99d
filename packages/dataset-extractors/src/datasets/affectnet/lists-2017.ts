/**
 * AffectNet as released in 2017: csv lists beside numbered folders of photos. The box is `x, y, width, height` (never
 * ends). The list has a header in some copies and none in others; taking one for granted loses a row. Numbered folders
 * are storage buckets. The machine-labelled part is a list of its own and never mixed with the manual one.
 */
import type { Form, SampleInput, SkippedInput } from "../../adapter.js";
import { safeId } from "../../adapter.js";
import { csvRecords, csvRows } from "../../files/csv.js";
import type { Folder } from "../../tree/folder.js";
import { decimal } from "../../files/cells.js";
import { unlistedImages } from "../../readers/unlisted.js";
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
type Row = Record<(typeof COLUMNS)[number], string>;

/** Base names of the lists. */
const LISTS: Record<AffectNetOptions["part"], readonly (readonly [RegExp, Split])[]> = {
  manual: [
    [/^training\.csv$/i, "train"],
    [/^validation\.csv$/i, "val"],
  ],
  automatic: [[/^automatically[_ ]annotated\.csv$/i, "all"]],
};

const FIRST_CELL = /^(subDirectory_filePath|\d+\/[0-9a-f]{8,}\.\w+)$/i;

/** Rows whose picture is looked for in every folder, to learn where the pictures lie; later by name alone. */
const TRIES = 1000;

/** The form. */
export const lists2017: Form<AffectNetOptions> = {
  name: "lists-2017",
  tree: `Manually_Annotated/Manually_Annotated_Images/<1..1381>/<56 hex>.<ext>
Manually_Annotated_file_lists/training.csv, validation.csv
Automatically_Annotated/Automatically_Annotated_Images/<n>/<56 hex>.<ext>
Automatically_Annotated_file_lists/automatically_annotated.csv`,
  expected: ({ part }) => (part === "manual" ? MANUAL_TOTALS : AUTOMATIC_TOTALS),
  detect: async (folder, options) => ((await findLists(folder, options)).length > 0 ? folder : undefined),
  async *read(folder, options, tally) {
    const all = new Set<string>();
    let dir: string | undefined;
    let tries = TRIES;
    for (const { file, split } of await findLists(folder, options)) {
      const seen = new Set<string>();
      const rows = csvRows(folder.lines(file), { file });
      for await (const { line, values } of csvRecords(rows, { file, required: COLUMNS, positional: COLUMNS })) {
        tally.rows();
        const name = values.subDirectory_filePath.trim();
        if (dir === undefined && tries-- > 0) {
          dir = folder.findFolders((path) => folder.has(path === "" ? name : `${path}/${name}`))[0];
        }
        const { path, problem } = folder.find(name, dir ?? "");
        const item = readRow(values, `${file}:${line}`, split);
        const twice = path !== undefined && seen.has(path);
        if (path !== undefined) {
          all.add(path);
          seen.add(path);
        }
        if ("reason" in item) yield item;
        else if (path === undefined) yield { source: item.source, reason: "missing-file", detail: problem };
        else if (twice) yield { source: item.source, reason: "invalid", detail: `"${name}" has a row already` };
        else yield { ...item, image: { file: path } };
      }
    }
    if (dir !== undefined && dir !== "") yield* unlistedImages(folder, dir, all);
  },
};

function readRow(values: Row, source: string, split: Split): Omit<SampleInput, "image"> | SkippedInput {
  const expression = readCode(values.expression, source);
  if (typeof expression !== "string") return expression;
  const cells = [values.face_x, values.face_y, values.face_width, values.face_height];
  const [x, y, width, height] = cells.map(decimal);
  if (x === undefined || y === undefined || width === undefined || height === undefined) {
    return { source, reason: "bad-box", detail: `box "${cells.join(",")}" is not four numbers` };
  }
  if (width <= 0 || height <= 0) return { source, reason: "bad-box", detail: `box of ${width} x ${height} is empty` };
  return {
    id: safeId(values.subDirectory_filePath.trim().replace(/\.[^./]*$/, "")),
    ...readExtras(values),
    expression,
    split,
    box: { x, y, width, height },
    source,
    rawLabel: values.expression.trim(),
  };
}

const readExtras = (values: Row) => ({
  valence: affect(values.valence),
  arousal: affect(values.arousal),
  landmarks: landmarks(values.facial_landmarks.split(";").map(Number)),
});

/** The lists of the wanted part that are AffectNet's by their first cell. */
async function findLists(folder: Folder, { part }: AffectNetOptions): Promise<{ file: string; split: Split }[]> {
  const found: { file: string; split: Split }[] = [];
  for (const [name, split] of LISTS[part]) {
    for (const file of folder.findFiles(name)) {
      const [cell = ""] = (await folder.firstLine(file)).split(",");
      if (!FIRST_CELL.test(cell.trim())) continue;
      found.push({ file, split });
      break;
    }
  }
  return found;
}
