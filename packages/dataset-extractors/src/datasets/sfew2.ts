/**
 * SFEW 2.0 (EmotiW 2015): still frames out of AFEW's clips, one folder an emotion. Names are
 * `<movie>_<9-digit clip>_<8-digit frame>`, read from the right, since movies hold `_` and digits. Aligned faces measure
 * 143x181, uncropped frames do not; a two-level tree may hold either. Clips are shared with AFEW.
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import type { ExpectedInput, Form, SampleInput, SkippedInput } from "../adapter.js";
import { type ClassImage, classImages, splitOf } from "../readers/class-folders.js";
import { type Folder, stem } from "../tree/folder.js";
import { pictureHeader } from "../readers/picture-header.js";
import { UniqueIds } from "../readers/unique-ids.js";
import type { ImageHeader } from "../image/header.js";

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
const ALIGNED = { width: 143, height: 181 };

type Kind = "aligned" | "raw" | "merged";

/** SFEW 2.0. */
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
  verified: "synthetic only",
  options: z.strictObject({}),
  forms: [
    form(
      "aligned",
      "[Train/]Train_Aligned_Faces/<Emotion>/*.png      143x181\n[Val/][Val_Aligned_Faces_new/]Val_Aligned_Faces/<Emotion>/*.png\nor Train/<Emotion>, Val/<Emotion> with pictures of that size",
      [
        { split: "train", mark: "1", counts: [144, 178, 52, 78, 184, 161, 94] },
        { split: "val", mark: "1", counts: [84, 77, 23, 46, 72, 73, 56] },
      ],
    ),
    form("raw", "Train/<Emotion>/*.png      movie frames\nVal/<Emotion>/*.png\nTest/*.png", [
      { split: "train", mark: "D", total: 958 },
      { split: "val", mark: "D", total: 436 },
    ]),
    form("merged", "Full/<Emotion>/*.{png,jpg}      both parts in one, split lost", []),
  ],
});

function form(kind: Kind, tree: string, expected: ExpectedInput[]): Form {
  return {
    name: kind,
    tree,
    expected,
    imageKind: kind === "raw" ? "photo" : "crop",
    detect: async (folder) => ((await kindsOf(folder)).has(kind) ? folder : undefined),
    async *read(folder, _options, tally) {
      const ids = new UniqueIds();
      for (const image of imagesOf(folder, kind)) {
        tally.rows();
        yield await readImage(folder, image, kind, ids);
      }
    },
  };
}

async function readImage(
  folder: Folder,
  image: ClassImage,
  kind: Kind,
  ids: UniqueIds,
): Promise<SampleInput | SkippedInput> {
  const { file, expression, label, above } = image;
  const split = kind === "merged" ? "all" : splitOf(above, SPLITS);
  if (expression === undefined || split === undefined || split === "test") {
    const detail =
      split === "test" ? "the test part has no public labels" : "no folder of an emotion and a part above it";
    return { source: file, reason: "unlabelled", detail };
  }
  if (kind !== "merged" && !ALIGNED_FOLDER.test(file)) {
    const header = await pictureHeader(folder, file);
    if (typeof header === "string") return { source: file, reason: "undecodable", detail: header };
    if (kindOf(header) !== kind) {
      const detail = `${header.width}x${header.height} is no ${kind} picture (aligned ones are 143x181)`;
      return { source: file, reason: "invalid", detail };
    }
  }
  const [, , clip, frame] = NAME.exec(stem(file)) ?? [];
  const id = ids.take(split, stem(file), file.slice(file.lastIndexOf(".") + 1));
  const number = frame === undefined ? null : Number(frame);
  return {
    id,
    image: { file },
    expression,
    split,
    group: clip ?? stem(file),
    frame: number,
    source: file,
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
      const header = named ? "" : await pictureHeader(folder, file);
      if (!named && typeof header === "string") continue;
      if (named || kindOf(header as ImageHeader) === kind) kinds.add(kind);
      break;
    }
  }
  return kinds;
}

const kindOf = ({ width, height }: ImageHeader): Kind =>
  width === ALIGNED.width && height === ALIGNED.height ? "aligned" : "raw";
