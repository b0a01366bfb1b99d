/**
 * Aff-Wild2 (ABAW competitions): one text file a person track, line n + 1 for frame n, and a folder of 112x112 crops a
 * track. The header tells the edition: 7 classes (2020, 2021) or 8 (2022 on), never mixed. Code 7 is Other, not contempt.
 * Numbers of frames come from file names: tracks have gaps. Both people of a video (`_left`, `_right`) are one group.
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import type { ExpectedInput, Form, SampleInput, SkippedInput, Tally } from "../adapter.js";
import { DatasetError } from "../errors.js";
import { BASIC_EXPRESSIONS } from "../expressions.js";
import { base, compare, isImageName, stem } from "../formats/folder.js";
import type { Folder } from "../formats/folder.js";
import { headerClasses, parseFrameLabels } from "../formats/frame-labels.js";
import type { Split } from "../image-folder.js";

const SEVEN = ["Neutral", "Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise"];
const EIGHT = [...SEVEN, "Other"];
const OTHER = 7;
const SPLITS: readonly (readonly [RegExp, Split])[] = [
  [/^train(ing)?_set$/i, "train"],
  [/^val(idation)?_set$/i, "val"],
];
const CROPS = /^cropped_aligned(_new_50_vids)?$/i;
const FRAME = /^(\d+)\.\w+$/;

const Options = z.strictObject({
  every: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe("Take every n-th frame of a track only; neighbours are nearly the same"),
});
type Options = z.infer<typeof Options>;

/** Labels of one edition: its folder, and the label files of each split. */
interface Edition {
  dir: string;
  files: { file: string; split: Split }[];
}

/** Aff-Wild2. */
export const affwild2 = defineAdapter({
  name: "affwild2",
  title: "Aff-Wild2",
  citation:
    "Kollias, Zafeiriou, Expression, Affect, Action Unit Recognition: Aff-Wild2, Multi-Task Learning and ArcFace, BMVC 2019",
  licence: "EULA signed by academic staff; non-commercial research",
  homepage: "https://ibug.doc.ic.ac.uk/resources/aff-wild2/",
  access: "Signed agreement with the organisers of the ABAW competitions",
  imageKind: "crop",
  groupKind: "video",
  groupSpace: "affwild2",
  splits: ["train", "val"],
  verified: "synthetic only",
  options: Options,
  forms: [
    form("8-class", EIGHT, "3rd_ABAW_Annotations/EXPR_Classification_Challenge/{Train_Set,Validation_Set}", [
      { split: "train", mark: "1", counts: [177_198, 16_573, 10_771, 9080, 95_463, 78_751, 31_615] },
      { split: "val", mark: "1", counts: [82_258, 6126, 5296, 8408, 34_511, 25_157, 12_332] },
    ]),
    form("7-class", SEVEN, "annotations/EXPR_Set/{Training_Set,Train_Set,Validation_Set}", []),
  ],
});

function form(name: string, classes: string[], labels: string, expected: ExpectedInput[]): Form<Options> {
  return {
    name,
    tree: `${labels}/<track>.txt      ${classes.join(",")}\ncropped_aligned/<track>/00001.jpg\ncropped_aligned_new_50_vids/<track>/00001.jpg      second root, optional`,
    expected: ({ every }) => (every === 1 ? expected : []),
    detect: async (folder) => ((await editions(folder, classes)).length > 0 ? folder : undefined),
    async *read(folder, options, tally) {
      const found = await editions(folder, classes);
      if (found.length > 1) throw severalEditions(folder, found);
      const crops = cropFolders(folder);
      const tracks = new Set(found[0]!.files.map(({ file }) => stem(file)));
      for (const { file, split } of found[0]!.files)
        yield* readTrack(folder, file, split, classes, crops, options, tally);
      for (const [track, frames] of crops) {
        if (tracks.has(track)) continue;
        for (const image of framesOf(folder, frames).values()) {
          yield { source: image, reason: "unlabelled", detail: `no label file for track ${track}`, listed: false };
        }
      }
    },
  };
}

async function* readTrack(
  folder: Folder,
  file: string,
  split: Split,
  classes: string[],
  crops: ReadonlyMap<string, string[]>,
  { every }: Options,
  tally: Tally,
): AsyncGenerator<SampleInput | SkippedInput> {
  const track = stem(file);
  const { classes: header, codes } = parseFrameLabels(await folder.text(file), file);
  if (header.join() !== classes.join()) throw otherEdition(file, header, classes);
  const frames = framesOf(folder, crops.get(track) ?? []);
  const group = track.replace(/_(left|right)$/, "");
  for (let frame = 1; frame <= codes.length; frame += every) {
    tally.rows();
    const code = codes[frame - 1]!;
    const source = `${file}:${frame + 1}`;
    const image = frames.get(frame);
    const expression = BASIC_EXPRESSIONS[code];
    if (code === -1) yield { source, reason: "invalid", detail: "not annotated (-1)" };
    else if (code === OTHER) yield { source, reason: "other", detail: "Other (7)" };
    else if (image === undefined) yield { source, reason: "missing-file", detail: `no crop of frame ${frame}` };
    else {
      const id = `${track}_${String(frame).padStart(5, "0")}`;
      yield {
        id,
        image: { file: image },
        expression: expression!,
        split,
        group,
        frame,
        source,
        rawLabel: String(code),
      };
    }
  }
  for (const [frame, image] of frames) {
    if (frame >= 1 && frame <= codes.length) continue;
    yield {
      source: image,
      reason: "unlabelled",
      detail: `frame ${frame} of a track with ${codes.length} labels`,
      listed: false,
    };
  }
}

/**
 * Folders of label files whose header is exactly `classes`, one an edition. Found by content: `Train*_Set` and
 * `Validation_Set` with frame-label files; valence, action-unit and multi-task lists have other headers.
 */
async function editions(folder: Folder, classes: string[]): Promise<Edition[]> {
  const found: Edition[] = [];
  const isSet = (dir: string) => SPLITS.some(([name]) => name.test(base(dir)));
  const parents = new Set(folder.folders.filter(isSet).map((dir) => dir.split("/").slice(0, -1).join("/")));
  for (const dir of [...parents].sort(compare)) {
    const files: Edition["files"] = [];
    for (const [name, split] of SPLITS) {
      const set = folder.children(dir).find((child) => name.test(child));
      if (set === undefined) continue;
      const path = dir === "" ? set : `${dir}/${set}`;
      for (const file of folder.filesIn(path)) if (/\.txt$/i.test(file)) files.push({ file: `${path}/${file}`, split });
    }
    const [first] = files;
    if (first !== undefined && headerClasses(await folder.firstLine(first.file)).join() === classes.join())
      found.push({ dir, files });
  }
  return found;
}

/** Folders of crops by track; the first root is preferred, the second fills its gaps. */
function cropFolders(folder: Folder): Map<string, string[]> {
  const crops = new Map<string, string[]>();
  const roots = folder.findFolders((dir) => CROPS.test(base(dir)));
  for (const root of roots.toSorted((a, b) => base(a).length - base(b).length)) {
    for (const track of folder.children(root)) {
      if (CROPS.test(track)) continue;
      crops.set(track, [...(crops.get(track) ?? []), `${root}/${track}`]);
    }
  }
  return crops;
}

/** Frame number -> image, in order of the numbers. */
function framesOf(folder: Folder, dirs: readonly string[]): Map<number, string> {
  const frames = new Map<number, string>();
  for (const dir of dirs) {
    for (const file of folder.under(dir)) {
      const number = FRAME.exec(base(file))?.[1];
      if (number !== undefined && isImageName(file) && !frames.has(Number(number))) frames.set(Number(number), file);
    }
  }
  return new Map([...frames].sort(([a], [b]) => a - b));
}

function severalEditions(folder: Folder, found: Edition[]): DatasetError {
  return new DatasetError({
    code: "SEVERAL_EDITIONS",
    subject: "affwild2",
    found: `${found.length} sets of labels under "${folder.root}": ${found.map(({ dir }) => `"${dir}"`).join(", ")}`,
    expected: "one edition, since the membership of the parts differs between editions",
    fix: "Keep the labels of one edition in the folder",
  });
}

function otherEdition(file: string, found: string[], expected: string[]): DatasetError {
  return new DatasetError({
    code: "OTHER_EDITION",
    subject: file,
    found: `the header "${found.join(",").slice(0, 80)}"`,
    expected: `"${expected.join(",")}" as in the files before it`,
    fix: "Keep the labels of one edition in the folder",
  });
}
