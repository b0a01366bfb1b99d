/**
 * A user's own pictures by a list: a csv, tsv or jsonl whose rows name a picture and its label, and, where there is
 * more to say, a face box, a subject, a group and a split. Labels are names of expressions, or anything that `map`
 * explains. Several rows may name one picture: they are several faces of it.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { defineAdapter, safeId } from "../adapter.js";
import type { Form, SampleInput, SkippedInput } from "../adapter.js";
import { DatasetError, expressionNamed } from "@fer/core";
import { FolderMap, splitOf } from "../readers/class-folders.js";
import { columnName, csvRecords, csvRows } from "../files/csv.js";
import type { Folder } from "../tree/folder.js";
import { jsonLines, sidecarKey } from "../files/json.js";
import { decimal } from "../files/cells.js";
import { GroupSpace, ownGroupSpace } from "../readers/own-data.js";
import { UniqueIds } from "../readers/unique-ids.js";
import { unknownCode } from "../readers/codes.js";
import { unlistedImages } from "../readers/unlisted.js";
import { Box, ImageKind } from "@fer/core/image-folder";

const SPLITS = {
  train: "train",
  training: "train",
  val: "val",
  valid: "val",
  validation: "val",
  test: "test",
  testing: "test",
  all: "all",
} as const;
const BOX = ["x", "y", "width", "height"] as const;

const column = (name: string, what: string) => z.string().min(1).default(name).describe(`Column with ${what}`);
const Options = z.strictObject({
  file: z.string().nullable().default(null).describe("The list, relative to the folder, where there are several"),
  path: column("path", "the path of the picture, relative to the folder or to the list"),
  label: column("label", "the label"),
  subject: column("subject", "the id of the person, if there is one"),
  group: column("group", "an id of what must stay together (clip, photo), if there is one"),
  split: column("split", "train, val or test, if there is one"),
  map: FolderMap.optional().describe("What each label means, e.g. 0=anger; other labels are left out and counted"),
  groupSpace: GroupSpace,
  imageKind: ImageKind.default("crop").describe(
    "What the pictures show: cut-out faces (crop), or whole photos (photo)",
  ),
});
type Options = z.infer<typeof Options>;
/** Pictures that a row names, and the faces in them. */
type Seen = { files: Set<string>; faces: Set<string> };
type Row = { line: number; get(name: string): string };

/** A user's own list. */
export const list = defineAdapter({
  name: "list",
  title: "Own pictures by a list",
  citation: "none",
  licence: "the user's own",
  homepage: "none",
  access: "Pictures of your own.",
  imageKind: "crop",
  groupKind: "subject",
  groupSpace: "own",
  splits: ["train", "val", "test", "all"],
  verified: "real files",
  options: Options,
  forms: [
    form("csv", "<any>.csv or .tsv      path,label[,x,y,width,height][,subject][,group][,split]", /\.(csv|tsv)$/i),
    form(
      "jsonl",
      '<any>.jsonl      {"path": "a.png", "label": "happy", "box": [x, y, width, height], ...}',
      /\.jsonl$/i,
    ),
  ],
});

function form(name: string, tree: string, extension: RegExp): Form<Options> {
  return {
    name,
    tree: `${tree}\n<pictures>`,
    imageKind: ({ imageKind }) => imageKind,
    groupSpace: ownGroupSpace,
    detect: async (folder, options) => ((await listFiles(folder, extension, options)).length > 0 ? folder : undefined),
    async *read(folder, options, tally) {
      const files = await listFiles(folder, extension, options);
      if (files.length > 1) throw severalLists(folder, files);
      const file = files[0]!;
      const seen: Seen = { files: new Set(), faces: new Set() };
      const ids = new UniqueIds();
      for await (const row of name === "csv" ? csvList(folder, file, options) : jsonList(folder, file)) {
        tally.rows();
        yield readRow(folder, file, row, options, seen, ids);
      }
      yield* unlistedImages(folder, "", seen.files);
    },
  };
}

function readRow(
  folder: Folder,
  list: string,
  row: Row,
  options: Options,
  seen: Seen,
  ids: UniqueIds,
): SampleInput | SkippedInput {
  const source = `${list}:${row.line}`;
  const name = row.get(options.path).trim();
  const label = row.get(options.label).trim();
  const dir = list.includes("/") ? list.slice(0, list.lastIndexOf("/") + 1) : "";
  const { path: file, problem } = folder.has(dir + name) ? { path: dir + name } : folder.find(name);
  if (file !== undefined) seen.files.add(file);
  const { map } = options;
  const named = map === undefined ? expressionNamed(label) : Object.hasOwn(map, label) ? map[label] : undefined;
  const given = row.get(options.split).trim();
  const split = given === "" ? "all" : splitOf([given], SPLITS);
  if (split === undefined) throw unknownCode(source, "the split", given, "train, val or test", "Correct the row");
  if (label === "") return { source, reason: "unlabelled", detail: "the row has no label" };
  if (named === undefined && map !== undefined)
    return { source, reason: "other", detail: `label "${label}" is not in the map` };
  if (named === undefined)
    throw unknownCode(
      source,
      "the label",
      label,
      "the name of an expression",
      'Say what labels mean with the option "map"',
    );
  if (file === undefined) return { source, reason: "missing-file", detail: problem };
  const box = boxOf(BOX.map((key) => row.get(key).trim()));
  if (typeof box === "string") return { source, reason: "bad-box", detail: box };
  const face = box === null ? file : `${file} ${Object.values(box).join(" ")}`;
  if (seen.faces.has(face)) return { source, reason: "invalid", detail: `"${name}" has a row already` };
  seen.faces.add(face);
  const subject = row.get(options.subject).trim() || null;
  const group = row.get(options.group).trim() || subject || (box === null ? null : file);
  const id = ids.take(split, idOf(file), `row${row.line}`);
  return { id, image: { file }, expression: named, split, subject, group, box, source, rawLabel: label };
}

/** No box where all four cells are empty. */
function boxOf(cells: string[]): Box | null | string {
  if (cells.every((cell) => cell === "")) return null;
  const [x, y, width, height] = cells.map(decimal);
  if (x === undefined || y === undefined || width === undefined || height === undefined) {
    return `box "${cells.join(" ")}" is not four numbers`;
  }
  return width > 0 && height > 0 ? { x, y, width, height } : `box of ${width} x ${height} is empty`;
}

/** The path without its extension as a name; a very long one keeps its end and gets a hash. */
function idOf(file: string): string {
  const id = safeId(file.replace(/\.[^./]*$/, ""));
  if (id.length <= 160) return id;
  return safeId(`${createHash("sha256").update(file).digest("hex").slice(0, 12)}_${id.slice(-140)}`);
}

async function* csvList(folder: Folder, file: string, { path, label, ...options }: Options): AsyncGenerator<Row> {
  const rows = csvRows(folder.lines(file), { file, separator: /\.tsv$/i.test(file) ? "\t" : "," });
  const optional = [options.subject, options.group, options.split, ...BOX].filter(
    (name) => name !== path && name !== label,
  );
  for await (const { line, values } of csvRecords(rows, { file, required: [path, label], optional })) {
    yield { line, get: (name) => values[name] ?? "" };
  }
}

async function* jsonList(folder: Folder, file: string): AsyncGenerator<Row> {
  for await (const { line, values } of jsonLines(folder.lines(file), file)) {
    const box = values.get("box");
    if (Array.isArray(box)) for (const [at, key] of BOX.entries()) values.set(key, box[at] as unknown);
    else if (typeof box === "object" && box !== null)
      for (const key of BOX) values.set(key, (box as Record<string, unknown>)[key]);
    yield { line, get: (name) => String(values.get(sidecarKey(name)) ?? "") };
  }
}

/** The lists of a folder whose first row has the two columns, or the one that the option names. */
async function listFiles(folder: Folder, extension: RegExp, { file, path, label }: Options): Promise<string[]> {
  const candidates =
    file === null ? folder.findFiles(extension) : folder.has(file) && extension.test(file) ? [file] : [];
  const fits: string[] = [];
  for (const candidate of candidates) {
    const first = await folder.firstLine(candidate);
    const names = /\.jsonl$/i.test(candidate)
      ? jsonKeys(first)
      : new Set(first.split(/\.tsv$/i.test(candidate) ? "\t" : ",").map(columnName));
    if ([path, label].every((name) => names.has(columnName(name)) || names.has(sidecarKey(name)))) fits.push(candidate);
  }
  return fits;
}

function jsonKeys(line: string): Set<string> {
  try {
    return new Set(Object.keys(JSON.parse(line) as object).map(sidecarKey));
  } catch {
    return new Set();
  }
}

function severalLists(folder: Folder, files: string[]): DatasetError {
  return new DatasetError({
    code: "SEVERAL_LISTS",
    subject: "list",
    found: `${files.length} lists under "${folder.root}": ${files.slice(0, 5).join(", ")}`,
    expected: "one",
    fix: 'Say which with the option "file"',
  });
}
