/**
 * A user's own pictures by a list: a csv, tsv or jsonl whose rows name a picture and its label, and, where there is
 * more to say, a face box, a subject, a group and a split. Labels are names of expressions, or anything that `map`
 * explains. Several rows may name one picture: they are several faces of it.
 */
import type { Form } from "../definition.js";
import { defineAdapter } from "../adapter.js";
import { DatasetError, expressionNamed } from "@fer/core";
import { safeId } from "../ids.js";
import { meaningOf, unknownCode, type Meaning } from "../readers/codes.js";
import { listed, type RowReading } from "../readers/listed.js";
import { checkBoxFit, type WrittenBox } from "../readers/box-fit.js";
import { checkSizes, ownKinds } from "../readers/own-data.js";
import { HEAD, isPhoto, pictureHeader } from "../readers/picture-sizes.js";
import type { ImageHeader } from "../image/headers/found-header.js";
import { COMMON_SPLITS, splitOf } from "../readers/splits.js";
import type { Folder, Lookup } from "../tree/folder.js";
import { folderOf } from "../tree/names.js";
import { ListOptions } from "./list/options.js";
import { findLists, openList, type Row } from "./list/rows.js";

const SPLITS = { ...COMMON_SPLITS, all: "all" } as const;

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
  options: ListOptions,
  forms: [
    form({
      name: "csv",
      extension: /\.(csv|tsv)$/i,
      tree: "<any>.csv or .tsv      path,label[,x,y,width,height or x1,y1,x2,y2][,subject][,group][,split]",
    }),
    form({
      name: "jsonl",
      extension: /\.jsonl$/i,
      tree: '<any>.jsonl      {"path": "a.png", "label": "happy", "box": [x, y, width, height], ...}      or "corners": [x1, y1, x2, y2]',
    }),
  ],
});

function form({ name, extension, tree }: { name: string; extension: RegExp; tree: string }): Form<ListOptions> {
  return {
    name,
    tree: `${tree}\n<pictures>`,
    ...ownKinds,
    async detect(folder, options) {
      const { files, misfit } = await findLists(folder, { extension, options });
      return files.length > 0 ? folder : misfit;
    },
    async *read(folder, options) {
      const { files } = await findLists(folder, { extension, options });
      if (files.length > 1) throw severalLists(folder, files);
      const file = files[0]!;
      const { rows, box, unreadColumns } = await openList(folder, { file, options });
      const picture = (row: Row) => pictureOf(folder, { file, path: row.get(options.path).trim() });
      // with boxes, pictures are meant to be photos, and are cut
      if (box === null) {
        const { imageKind } = options;
        await checkSizes({ adapter: "list", folder, files: folder.images(), imageKind, notes: options, unreadColumns });
      } else {
        const boxes = boxesOf(folder, { rows: rows(), picture });
        const fix =
          "Say which columns hold what with --box size:<x>,<y>,<width>,<height> or --box corners:<left>,<top>,<right>,<bottom>";
        await checkBoxFit(folder, { file, kind: box, boxes, fix });
      }
      yield* listed(folder, {
        rows,
        picture,
        face: (row) => (row.box === null ? undefined : `"${row.boxText}"`),
        async read(row, found) {
          // the picture of a row without a box may be cut out already, but not a whole photo
          if (box !== null && row.box === null && options.imageKind === "auto" && found !== undefined) {
            const header = await pictureHeader(folder, { file: found, bytes: HEAD });
            if (typeof header !== "string" && isPhoto(header)) return noBox(header);
          }
          return readRow({ row, picture: found, options });
        },
      });
    },
  };
}

/** The picture that a row names: relative to the list, or to the folder. */
function pictureOf(folder: Folder, { file, path }: { file: string; path: string }): string | Lookup {
  const beside = folderOf(file) === "" ? path : `${folderOf(file)}/${path}`;
  return folder.has(beside) ? { path: beside } : path;
}

/** The boxes of rows whose pictures are there. */
async function* boxesOf(
  folder: Folder,
  { rows, picture }: { rows: AsyncIterable<Row>; picture(row: Row): string | Lookup },
): AsyncGenerator<WrittenBox> {
  for await (const row of rows) {
    const named = picture(row);
    const { path } = typeof named === "string" ? folder.find(named) : named;
    if (path !== undefined && row.numbers !== undefined) yield { picture: path, numbers: row.numbers };
  }
}

interface RowTask {
  row: Row;
  picture: string | undefined;
  options: ListOptions;
}

const noBox = ({ width, height }: ImageHeader): RowReading => ({
  reason: "bad-box",
  detail: `the row has no box, and its picture has the size or shape of a whole photo (${width}x${height}); --image-kind crop takes it whole`,
});

function readRow({ row, picture, options }: RowTask): RowReading {
  const { source, box } = row;
  const label = row.get(options.label).trim();
  const given = row.get(options.split).trim();
  const split = given === "" ? "all" : splitOf([given], SPLITS);
  if (split === undefined)
    throw unknownCode({
      source,
      what: "the split",
      found: given,
      expected: "train, val or test",
      fix: "Correct the row",
    });
  const expression = expressionOf({ label, source, map: options.map });
  if (typeof expression !== "string") return expression;
  if (typeof box === "string") return { reason: "bad-box", detail: box };
  const subject = row.get(options.subject).trim() || null;
  const group = row.get(options.group).trim() || subject || (box === null ? null : (picture ?? null));
  const id = safeId((picture ?? "").replace(/\.[^./]*$/, ""));
  const distinction = `row${source.slice(source.lastIndexOf(":") + 1)}`;
  return { id, distinction, expression, split, subject, group, box, rawLabel: label };
}

function expressionOf({ label, source, map }: { label: string; source: string; map: ListOptions["map"] }): Meaning {
  if (label === "") return { reason: "unlabelled", detail: "the row has no label" };
  if (map !== undefined) {
    return Object.hasOwn(map, label) ? map[label]! : { reason: "other", detail: `label "${label}" is not in the map` };
  }
  return meaningOf({
    source,
    what: "the label",
    cell: label,
    table: expressionNamed,
    expected: "the name of an expression",
    fix: "Say what labels mean with --map, e.g. --map 0=anger,1=disgust",
  });
}

function severalLists(folder: Folder, files: string[]): DatasetError {
  return new DatasetError({
    code: "SEVERAL_LISTS",
    subject: "list",
    found: `${files.length} lists under "${folder.root}": ${files.slice(0, 5).join(", ")}`,
    expected: "one",
    fix: `Say which with --file ${files[0]!}`,
  });
}
