/**
 * ExpW (Zhang et al. 2016): web photos with several labelled faces each. `label.lst` has eight fields a row:
 * `image_name face_id_in_image top left right bottom confidence label`: the box order is top, left, right, bottom. Face
 * ids are not dense. The word in a file name is the search query, not the label. All faces of a photo are one group.
 * The owners' boxes are square, which proves that the fields are in their order.
 */
import { z } from "zod";
import type { Form, Misfit } from "../definition.js";
import { defineAdapter } from "../adapter.js";
import type { ExpectedInput } from "../items.js";
import { DatasetError } from "@fer/core";
import { decimal, integer } from "../files/cells.js";
import { listTable, type ListRow } from "../files/list-file.js";
import { meaningOf, unknownCode } from "../readers/codes.js";
import { listed, type RowReading } from "../readers/listed.js";
import type { Folder } from "../tree/folder.js";
import { fileName, fileStem } from "../tree/names.js";

/** Owner codes 0..6. */
const CODES = ["anger", "disgust", "fear", "happy", "sad", "surprise", "neutral"] as const;

/** Fields after the name. */
const FIELDS = 7;
/** Eight fields, the first a file name, the last a code. */
const ROW = /^\S.*\.\w+(\s+\S+){6}\s+\d+\s*$/;
const EXTRACT_ROWS = 5705;

const Options = z.strictObject({
  minConfidence: z
    .number()
    .min(0)
    .default(0)
    .describe("Leave out faces whose detector confidence is lower; 0 takes all, 60 about a third"),
});
type Options = z.infer<typeof Options>;

export const expw = defineAdapter({
  name: "expw",
  title: "ExpW (Expression in-the-Wild)",
  citation: "Zhang, Luo, Loy, Tang, From Facial Expression Recognition to Interpersonal Relation Prediction, IJCV 2018",
  licence: "Research, non-commercial; citation required",
  homepage: "http://mmlab.ie.cuhk.edu.hk/projects/socialrelation/index.html",
  access: "Public download by the owners",
  imageKind: "crop",
  groupKind: "photo",
  groupSpace: "expw",
  splits: ["all"],
  ownNames: true,
  verified: "real files",
  options: Options,
  forms: [
    form({
      name: "official",
      tree: "image/origin/*.jpg      or image/*.jpg, origin/origin/*.jpg, Images/*.jpg\nlabel/label.lst",
      expected: [{ mark: "1", counts: [34_883, 3671, 3995, 1088, 30_537, 10_559, 7060] }],
    }),
    form({
      name: "balanced-extract",
      tree: "Images/*.jpg\nlabel.lst      815 faces a class, 5,705 rows",
      expected: [{ mark: "V", counts: [815, 815, 815, 815, 815, 815, 815] }],
    }),
  ],
});

function form({ name, tree, expected }: { name: string; tree: string; expected: ExpectedInput[] }): Form<Options> {
  return {
    name,
    tree,
    expected: ({ minConfidence }) => (minConfidence === 0 ? expected : []),
    async detect(folder) {
      const list = await findList(folder);
      if (list === undefined) return misfitOf(folder);
      let rows = 0;
      for await (const { text } of folder.peek().lines(list)) if (text.trim() !== "") rows += 1;
      return (rows === EXTRACT_ROWS) === (name === "balanced-extract") ? folder : undefined;
    },
    async *read(folder, options) {
      const file = (await findList(folder))!;
      await checkBoxes(folder, file);
      yield* listed(folder, {
        in: await imageFolder(folder, file),
        byName: true,
        rows: () => listTable(folder, { file, fields: FIELDS }),
        picture: ({ name: picture }) => picture,
        face: ({ fields }) => fields[0]!,
        read: (row) => readRow(row, options),
      });
    },
  };
}

/** Box fields as the owners order them: top, left, right, bottom. */
const boxOf = ({ fields }: ListRow) => fields.slice(1, 5).map(integer);

function readRow(row: ListRow & { source: string }, options: Options): RowReading {
  const { name, fields, source } = row;
  const face = integer(fields[0]!);
  const [top, left, right, bottom] = boxOf(row);
  const confidence = decimal(fields[5]!);
  const table = (code: string) => (/^\d$/.test(code) ? CODES[Number(code)] : undefined);
  const what = "the expression label";
  const expression = meaningOf({ source, what, cell: fields[6]!, table, expected: "a code from 0 to 6" });
  if (face === undefined) throw unknownCode({ source, what: "the face id", found: fields[0]!, expected: "an integer" });
  if (typeof expression !== "string") return expression;
  if (top === undefined || left === undefined || right === undefined || bottom === undefined) {
    return { reason: "bad-box", detail: `box "${fields.slice(1, 5).join(" ")}" is not four integers` };
  }
  if (right <= left || bottom <= top)
    return { reason: "bad-box", detail: `top ${top}, left ${left}, right ${right}, bottom ${bottom} is empty` };
  if (confidence === undefined || confidence < options.minConfidence) {
    return { reason: "uncertain", detail: `detector confidence ${fields[5]} is below ${options.minConfidence}` };
  }
  const box = { x: left, y: top, width: right - left, height: bottom - top };
  return { id: `${fileStem(name)}_${face}`, expression, group: fileName(name), box, rawLabel: fields[6]! };
}

type Fields = readonly [number, number, number, number];
/** Whether four sides make a square. */
const isSquare = ([left, top, right, bottom]: Fields) => right > left && right - left === bottom - top;

/** The owners' order of the fields, and others in which copies give a box. */
const ORDERS: Readonly<Record<string, (box: Fields) => boolean>> = {
  "top, left, right, bottom": ([top, left, right, bottom]) => isSquare([left, top, right, bottom]),
  "left, top, right, bottom": isSquare,
  "left, right, top, bottom": ([left, right, top, bottom]) => isSquare([left, top, right, bottom]),
  "x, y, width, height": ([, , width, height]) => width === height,
};
/** Rows that prove an order. */
const ENOUGH = 4;

/** Refuses a list whose boxes are square in another order of their fields than the owners'. */
async function checkBoxes(folder: Folder, file: string): Promise<void> {
  let rows = 0;
  const square = Object.entries(ORDERS).map(([name, fits]) => ({ name, fits, count: 0 }));
  for await (const row of listTable(folder.peek(), { file, fields: FIELDS })) {
    const box = boxOf(row);
    if (box.includes(undefined)) continue;
    rows += 1;
    for (const order of square) if (order.fits(box as unknown as Fields)) order.count += 1;
  }
  const [own, ...others] = square as [(typeof square)[0], ...typeof square];
  const best = others.reduce((a, b) => (b.count > a.count ? b : a));
  if (rows < ENOUGH || own.count >= rows / 2 || best.count < 0.9 * rows) return;
  throw new DatasetError({
    code: "OTHER_BOX_ORDER",
    subject: file,
    found: `${best.count} of ${rows} boxes are square if their fields are ${best.name}, and ${own.count} in the owners' order`,
    expected: `${own.name}, where the owners' boxes are square`,
    fix: "Use label.lst as the owner ships it",
  });
}

/** A `.lst` (or a `.txt` of the same kind) whose first row has the eight fields. */
async function findList(folder: Folder): Promise<string | undefined> {
  for (const file of [...folder.findFiles(/\.lst$/i), ...folder.findFiles(/^label.*\.txt$/i)]) {
    if (ROW.test(await folder.firstLine(file))) return file;
  }
  return undefined;
}

async function misfitOf(folder: Folder): Promise<Misfit> {
  const [other] = [...folder.findFiles(/\.lst$/i), ...folder.findFiles(/^label.*\.txt$/i)];
  if (other === undefined) return { misses: "there is no label.lst", near: 0.1 };
  const first = (await folder.firstLine(other)).slice(0, 80);
  const misses = first === "" ? `${other} is empty` : `${other} begins with "${first}"`;
  return { misses: `${misses}, and not with a row of eight fields between blanks`, near: 0.5 };
}

/** The folder that holds the first listed picture that is there, shallowest first. */
async function imageFolder(folder: Folder, file: string): Promise<string> {
  for await (const { name } of listTable(folder.peek(), { file, fields: FIELDS })) {
    const [dir] = folder.findFolders((path) => folder.has(path === "" ? name : `${path}/${name}`));
    if (dir !== undefined) return dir;
    if (folder.find(name).path !== undefined) return "";
  }
  return "";
}
