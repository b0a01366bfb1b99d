/**
 * ExpW (Zhang et al. 2016): web photos with several labelled faces each. `label.lst` has eight fields a row:
 * `image_name face_id_in_image top left right bottom confidence label`: the box order is top, left, right, bottom. Face
 * ids are not dense. The word in a file name is the search query, not the label. All faces of a photo are one group.
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import type { ExpectedInput, Form, SampleInput, SkippedInput } from "../adapter.js";
import { type Folder, base, stem } from "../tree/folder.js";
import { type ListRow, listRows } from "../files/list-file.js";
import { decimal, integer } from "../files/cells.js";
import { unknownCode } from "../readers/codes.js";
import { unlistedImages } from "../readers/unlisted.js";

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

/** ExpW. */
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
  verified: "real files",
  options: Options,
  forms: [
    form("official", "image/origin/*.jpg      or image/*.jpg, origin/origin/*.jpg, Images/*.jpg\nlabel/label.lst", [
      { mark: "1", counts: [34_883, 3671, 3995, 1088, 30_537, 10_559, 7060] },
    ]),
    form("balanced-extract", "Images/*.jpg\nlabel.lst      815 faces a class, 5,705 rows", [
      { mark: "V", counts: [815, 815, 815, 815, 815, 815, 815] },
    ]),
  ],
});

function form(name: string, tree: string, expected: ExpectedInput[]): Form<Options> {
  return {
    name,
    tree,
    expected: ({ minConfidence }) => (minConfidence === 0 ? expected : []),
    async detect(folder) {
      const list = await findList(folder);
      if (list === undefined) return undefined;
      let rows = 0;
      for await (const { text } of folder.lines(list)) if (text.trim() !== "") rows += 1;
      return (rows === EXTRACT_ROWS) === (name === "balanced-extract") ? folder : undefined;
    },
    async *read(folder, options, tally) {
      const list = (await findList(folder))!;
      const dir = await imageFolder(folder, list);
      const seen = new Set<string>();
      const faces = new Map<string, string>();
      for await (const row of listRows(folder.lines(list), { file: list, fields: FIELDS })) {
        tally.rows();
        const source = `${list}:${row.line}`;
        const key = `${row.name} ${row.fields[0]}`;
        const { path: file, problem } = folder.find(row.name, dir);
        if (file !== undefined) seen.add(file);
        const item = readRow(row, source, options);
        if (faces.has(key)) {
          yield { source, reason: "invalid", detail: `the same image and face id as ${faces.get(key)}` };
        } else if ("reason" in item) yield item;
        else if (file === undefined) yield { source, reason: "missing-file", detail: problem };
        else yield { ...item, image: { file } };
        if (!faces.has(key)) faces.set(key, source);
      }
      yield* unlistedImages(folder, dir, seen);
    },
  };
}

function readRow(
  { name, fields }: ListRow,
  source: string,
  options: Options,
): Omit<SampleInput, "image"> | SkippedInput {
  const [face, top, left, right, bottom] = fields.map(integer);
  const confidence = decimal(fields[5]!);
  const code = fields[6]!;
  const expression = /^\d$/.test(code) ? CODES[Number(code)] : undefined;
  if (expression === undefined) throw unknownCode(source, "the expression label", code, "a code from 0 to 6");
  if (face === undefined) throw unknownCode(source, "the face id", fields[0]!, "an integer");
  if (top === undefined || left === undefined || right === undefined || bottom === undefined) {
    return { source, reason: "bad-box", detail: `box "${fields.slice(1, 5).join(" ")}" is not four integers` };
  }
  if (right <= left || bottom <= top) {
    return { source, reason: "bad-box", detail: `top ${top}, left ${left}, right ${right}, bottom ${bottom} is empty` };
  }
  if (confidence === undefined || confidence < options.minConfidence) {
    return {
      source,
      reason: "uncertain",
      detail: `detector confidence ${fields[5]} is below ${options.minConfidence}`,
    };
  }
  const box = { x: left, y: top, width: right - left, height: bottom - top };
  return { id: `${stem(name)}_${face}`, expression, group: base(name), box, source, rawLabel: code };
}

/** A `.lst` (or a `.txt` of the same kind) whose first row has the eight fields. */
async function findList(folder: Folder): Promise<string | undefined> {
  for (const file of [...folder.findFiles(/\.lst$/i), ...folder.findFiles(/^label.*\.txt$/i)]) {
    if (ROW.test(await folder.firstLine(file))) return file;
  }
  return undefined;
}

/** The folder that holds the first listed picture that is there, shallowest first. */
async function imageFolder(folder: Folder, list: string): Promise<string> {
  for await (const { name } of listRows(folder.lines(list), { file: list, fields: FIELDS })) {
    const [dir] = folder.findFolders((path) => folder.has(path === "" ? name : `${path}/${name}`));
    if (dir !== undefined) return dir;
    if (folder.find(name).path !== undefined) return "";
  }
  return "";
}
