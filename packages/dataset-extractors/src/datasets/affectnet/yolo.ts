/**
 * Copies of AffectNet in the layout of YOLO: a text file beside each picture with rows `class cx cy w h` in parts of
 * the picture's size. The class names are in `data.yaml`; their order is the copier's, not AffectNet's.
 */
import { DatasetError, expressionNamed } from "@fer/core";
import type { Form } from "../../definition.js";
import { decimal } from "../../files/cells.js";
import { unknownCode } from "../../readers/codes.js";
import { listed, type RowReading } from "../../readers/listed.js";
import { pictureHeader } from "../../readers/picture-sizes.js";
import { COMMON_SPLITS, splitOf } from "../../readers/splits.js";
import type { Folder } from "../../tree/folder.js";
import { fileName, fileStem } from "../../tree/names.js";
import type { ImageHeader } from "../../image/headers/found-header.js";
import type { AffectNetOptions } from "./options.js";

const isPicture = (file: string) => /(^|\/)images\/[^/]+$/.test(file);

export const yolo: Form<AffectNetOptions> = {
  name: "yolo",
  tree: "data.yaml\n{train,valid,test}/images/<name>.jpg\n{train,valid,test}/labels/<name>.txt      rows: class cx cy w h",
  detect: (folder) => {
    const [file] = folder.findFiles(/^data\.ya?ml$/i);
    const hasLabels = folder.files.some((path) => /(^|\/)labels\/[^/]+\.txt$/.test(path));
    if (file !== undefined && hasLabels) return folder;
    if (file === undefined && !hasLabels) return undefined;
    const there = file ?? "labels/<name>.txt";
    return {
      misses: `"${there}" is there, and no ${file === undefined ? "data.yaml" : "labels/<name>.txt"}`,
      near: 0.3,
    };
  },
  async *read(folder) {
    const [yaml] = folder.findFiles(/^data\.ya?ml$/i);
    const classes = namesOf(await folder.text(yaml!), yaml!);
    const labels = folder.files.filter((file) => /(^|\/)labels\/[^/]+\.txt$/.test(file));
    yield* listed(folder, {
      rows: () => faceRows(folder, labels),
      picture: ({ picture }) => picture,
      face: ({ text }) => boxText(text),
      async read(row, file) {
        const header = file === undefined ? "" : await pictureHeader(folder, { file });
        return readFace(row, { file, header, classes, yaml: yaml! });
      },
    });
  },
};

interface Face {
  source: string;
  /** `class cx cy w h` */
  text: string;
  /** Number of the face in its file, and how many there are. */
  index: number;
  count: number;
  picture: { path: string; problem?: undefined } | { path?: undefined; problem: string };
}

/** Rows of the label files, each with the picture beside it: `x/labels/a.txt` belongs to `x/images/a.*`. */
async function* faceRows(folder: Folder, labels: readonly string[]): AsyncGenerator<Face> {
  const pictures = new Map(
    folder
      .images()
      .filter(isPicture)
      .map((file) => [pairOf(file), file]),
  );
  for (const file of labels) {
    const path = pictures.get(pairOf(file));
    const rows = (await folder.text(file)).split(/\r?\n/).filter((row) => row.trim() !== "");
    const picture = path === undefined ? { problem: `no picture images/${fileStem(file)} belongs to it` } : { path };
    const count = new Set(rows.map(boxText)).size;
    for (const [index, text] of rows.entries())
      yield { source: `${file}:${index + 1}`, text: text.trim(), index, count, picture };
  }
}

/** The numbers of a row behind its class. */
const boxText = (row: string): string => row.trim().split(/\s+/).slice(1).join(" ");

/** The folder above `images/` or `labels/` and the name: what a picture and its labels have in common. */
const pairOf = (file: string): string => `${file.split("/").slice(0, -2).join("/")}/${fileStem(file)}`;

/** What a row is read with. */
interface Reading {
  file: string | undefined;
  header: ImageHeader | string;
  classes: readonly string[];
  yaml: string;
}

function readFace({ source, text, index, count }: Face, { file, header, classes, yaml }: Reading): RowReading {
  const [code = "", ...cells] = text.split(/\s+/);
  const name = /^\d+$/.test(code) ? classes[Number(code)] : undefined;
  const expression = expressionNamed(name ?? "");
  if (expression === undefined)
    throw unknownCode({
      source,
      what: "the class",
      found: code,
      expected: `a class of ${yaml}: ${classes.join(", ")}`,
    });
  const [cx, cy, w, h] = cells.map(decimal);
  if (file !== undefined && typeof header === "string") return { reason: "undecodable", detail: header };
  // a fifth number is a detector's confidence; more of them are the corners of a polygon
  if (cells.length > 5)
    return { reason: "bad-box", detail: `${cells.length} numbers instead of cx cy w h (the outline of a polygon?)` };
  if (cx === undefined || cy === undefined || w === undefined || h === undefined || w <= 0 || h <= 0)
    return { reason: "bad-box", detail: `box "${cells.join(" ")}" is not four numbers with a size` };
  const { orientation, width: across, height: down } = header as ImageHeader;
  const [width, height] = orientation >= 5 ? [down, across] : [across, down];
  const picture = file ?? "";
  return {
    id: count === 1 ? fileStem(picture) : `${fileStem(picture)}_${index}`,
    expression,
    split: splitOf(picture.split("/").slice(0, -2), COMMON_SPLITS) ?? "all",
    group: count === 1 ? null : fileName(picture),
    box: { x: (cx - w / 2) * width, y: (cy - h / 2) * height, width: w * width, height: h * height },
    rawLabel: name!,
  };
}

/** The names of the classes; as many as the file says there are. */
function namesOf(text: string, yaml: string): string[] {
  const names = yamlNames(text);
  const stated = /^nc:\s*(\d+)/m.exec(text)?.[1];
  if (stated === undefined || Number(stated) === names.length) return names;
  throw new DatasetError({
    code: "CLASSES_DO_NOT_MATCH",
    subject: yaml,
    found: `nc is ${stated}, and names has ${names.length}: ${names.join(", ")}`,
    expected: "a name for each class",
    fix: "Use the data.yaml that belongs to the labels",
  });
}

/** The `names` of a YOLO data file by number: `[a, b]`, a list of `- a`, or `0: a`. */
function yamlNames(text: string): string[] {
  const clean = (name: string) => name.trim().replace(/^['"]|['"]$/g, "");
  const inline = /^names:\s*\[([^\]]*)\]/m.exec(text)?.[1];
  if (inline !== undefined) return inline.split(",").map(clean);
  const block = /^names:[ \t]*\r?\n((?:[ \t]*(?:-|\d+:)[^\n]*\n?)+)/m.exec(text)?.[1] ?? "";
  const names: string[] = [];
  for (const [, key, name] of block.matchAll(/^[ \t]*(?:-|(\d{1,3}):)([^\n]*)/gm))
    names[Number(key ?? names.length)] = clean(name!);
  return names;
}
