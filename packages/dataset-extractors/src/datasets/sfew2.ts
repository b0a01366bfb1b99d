/**
 * SFEW 2.0 (EmotiW 2015): still frames out of AFEW's clips, one folder an emotion. Names are
 * `<movie>_<9-digit clip>_<8-digit frame>`, read from the right, since movies hold `_` and digits. Aligned faces measure
 * 143x181, uncropped frames do not; a two-level tree may hold either. Clips are shared with AFEW.
 */
import { z } from "zod";
import type { Form } from "../definition.js";
import { defineAdapter } from "../adapter.js";
import { type ExpectedInput } from "../items.js";
import type { ImageHeader } from "../image/headers/found-header.js";
import {
  classFolders,
  classImages,
  classMisfit,
  type ClassImage,
  type ImageReading,
  type LabelledImage,
} from "../readers/class-folders.js";
import { pictureHeader } from "../readers/picture-sizes.js";
import { splitOf } from "../readers/splits.js";
import type { Folder } from "../tree/folder.js";
import { fileExtension, fileStem } from "../tree/names.js";

const SPLITS = {
  train: "train",
  trainalignedfaces: "train",
  val: "val",
  valalignedfaces: "val",
  valalignedfacesnew: "val",
  test: "test",
  testalignedfaces: "test",
} as const;
const NAME = /^(.+)_(\d{9})_(\d{8})$/;
const ALIGNED_FOLDER = /(^|\/)(train|val|test)_aligned_faces(_new)?\//i;
const NO_LABELS = "the test part has no public labels";
const ALIGNED = { width: 143, height: 181 };

type Kind = "aligned" | "raw" | "merged";

export const sfew2 = defineAdapter({
  name: "sfew2",
  title: "SFEW 2.0 (Static Facial Expressions in the Wild)",
  citation:
    "Dhall, Ramana Murthy, Goecke, Joshi, Gedeon, Video and Image based Emotion Recognition Challenges in the Wild: EmotiW 2015, ICMI 2015",
  licence: "EULA signed with the EmotiW organisers; academic, non-commercial, no redistribution",
  homepage: "https://cs.anu.edu.au/few/AFEW.html",
  access: "Signed agreement with the organisers of EmotiW",
  imageKind: "crop",
  groupKind: "clip",
  groupSpace: "afew",
  splits: ["train", "val", "all"],
  ownNames: true,
  verified: "synthetic only",
  options: z.strictObject({}),
  forms: [
    form({
      kind: "aligned",
      tree: "[Train/]Train_Aligned_Faces/<Emotion>/*.png      143x181\n[Val/][Val_Aligned_Faces_new/]Val_Aligned_Faces/<Emotion>/*.png\nor Train/<Emotion>, Val/<Emotion> with pictures of that size",
      expected: [
        { split: "train", mark: "1", counts: [144, 178, 52, 78, 184, 161, 94] },
        { split: "val", mark: "1", counts: [84, 77, 23, 46, 72, 73, 56] },
      ],
    }),
    form({
      kind: "raw",
      tree: "Train/<Emotion>/*.png      movie frames\nVal/<Emotion>/*.png\nTest/*.png",
      expected: [
        { split: "train", mark: "D", total: 958 },
        { split: "val", mark: "D", total: 436 },
      ],
    }),
    form({ kind: "merged", tree: "Full/<Emotion>/*.{png,jpg}      both parts in one, split lost", expected: [] }),
  ],
});

function form({ kind, tree, expected }: { kind: Kind; tree: string; expected: ExpectedInput[] }): Form {
  return {
    name: kind,
    tree,
    expected,
    imageKind: kind === "raw" ? "photo" : "crop",
    async detect(folder) {
      if ((await kindsOf(folder)).has(kind)) return folder;
      return kind === "aligned" ? misfitOf(folder) : undefined;
    },
    async *read(folder, { warn }) {
      yield* classFolders({
        images: imagesOf(folder, kind),
        notes: { warn },
        ownName: ({ file, above }) =>
          NAME.test(fileStem(file)) ? `${splitOf(above, SPLITS)}/${fileStem(file)}` : undefined,
        unlabelled: ({ above }) => (splitOf(above, SPLITS) === "test" ? NO_LABELS : undefined),
        read: (image) => readImage(folder, { image, kind }),
      });
    },
  };
}

function misfitOf(folder: Folder) {
  const labelled = classImages(folder).some(({ expression }) => expression !== undefined);
  if (!labelled) return classMisfit(folder);
  return { misses: "there are emotion folders, and none of the parts above them (Train, Val)", near: 0.5 };
}

async function readImage(folder: Folder, { image, kind }: { image: LabelledImage; kind: Kind }): Promise<ImageReading> {
  const { file, expression, label, above } = image;
  const split = kind === "merged" ? "all" : splitOf(above, SPLITS);
  if (split === undefined) return { reason: "unlabelled", detail: "no folder of a part above it" };
  if (split === "test") return { reason: "unlabelled", detail: NO_LABELS };
  if (kind !== "merged" && !ALIGNED_FOLDER.test(file)) {
    const header = await pictureHeader(folder, { file });
    if (typeof header === "string") return { reason: "undecodable", detail: header };
    if (kindOf(header) !== kind) {
      const detail = `${header.width}x${header.height} is not the size of ${kind === "aligned" ? "an aligned" : "a raw"} picture (aligned ones are 143x181)`;
      return { reason: "invalid", detail };
    }
  }
  const [, , clip, number] = NAME.exec(fileStem(file)) ?? [];
  return {
    id: fileStem(file),
    distinction: fileExtension(file),
    expression,
    split,
    group: clip ?? fileStem(file),
    frame: number === undefined ? null : Number(number),
    rawLabel: label,
  };
}

/** The images of a form. Where folders of aligned faces exist, the others hold raw frames. */
function imagesOf(folder: Folder, kind: Kind): ClassImage[] {
  const images = classImages(folder);
  if (kind === "merged") return images.filter(({ above }) => isMerged(above));
  const parts = images.filter(({ above }) => splitOf(above, SPLITS) !== undefined);
  const aligned = parts.filter(({ file }) => ALIGNED_FOLDER.test(file));
  if (aligned.length === 0) return parts;
  return kind === "aligned" ? aligned : parts.filter(({ file }) => !ALIGNED_FOLDER.test(file));
}

const isMerged = (above: readonly string[]) => above.at(-1)?.toLowerCase() === "full";

/** Which forms a tree holds: by the names of folders, else by the size of the first readable picture of an emotion. */
async function kindsOf(folder: Folder): Promise<Set<Kind>> {
  const kinds = new Set<Kind>();
  for (const kind of ["aligned", "raw", "merged"] as const) {
    for (const { file } of imagesOf(folder, kind).filter(({ expression }) => expression !== undefined)) {
      const named = kind === "merged" || ALIGNED_FOLDER.test(file);
      const header = named ? "" : await pictureHeader(folder, { file });
      if (!named && typeof header === "string") continue;
      if (named || kindOf(header as ImageHeader) === kind) kinds.add(kind);
      break;
    }
  }
  return kinds;
}

const kindOf = ({ width, height }: ImageHeader): Kind =>
  width === ALIGNED.width && height === ALIGNED.height ? "aligned" : "raw";
