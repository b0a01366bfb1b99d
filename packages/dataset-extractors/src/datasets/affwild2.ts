/**
 * Aff-Wild2 (ABAW competitions): one text file a person track, line n + 1 for frame n, and a folder of 112x112 crops a
 * track. The header tells the edition: 7 classes (2020, 2021) or 8 (2022 on), never mixed. Code 7 is Other, not contempt.
 * Numbers of frames come from file names: tracks have gaps. Both people of a video (`_left`, `_right`) are one group.
 */
import { z } from "zod";
import type { Form } from "../definition.js";
import { defineAdapter } from "../adapter.js";
import { type ExpectedInput, type SampleInput, type SkippedInput } from "../items.js";
import { BASIC_EXPRESSIONS, DatasetError } from "@fer/core";
import type { Split } from "@fer/core/image-folder";
import { parseFrameLabels } from "../readers/frame-labels.js";
import { listedNow, type RowReading } from "../readers/listed.js";
import type { Folder } from "../tree/folder.js";
import { fileStem } from "../tree/names.js";
import { cropFolders, cropsOf, editions, type Crops, type Edition } from "./affwild2/tree.js";

const SEVEN = ["Neutral", "Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise"];
const EIGHT = [...SEVEN, "Other"];
const OTHER = 7;
const Options = z.strictObject({
  every: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe("Take every n-th frame of a track only; neighbours are nearly the same"),
});
type Options = z.infer<typeof Options>;

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
  ownNames: true,
  verified: "synthetic only",
  options: Options,
  forms: [
    form({
      name: "8-class",
      classes: EIGHT,
      labels: "3rd_ABAW_Annotations/EXPR_Classification_Challenge/{Train_Set,Validation_Set}",
      expected: [
        { split: "train", mark: "1", counts: [177_198, 16_573, 10_771, 9080, 95_463, 78_751, 31_615] },
        { split: "val", mark: "1", counts: [82_258, 6126, 5296, 8408, 34_511, 25_157, 12_332] },
      ],
    }),
    form({
      name: "7-class",
      classes: SEVEN,
      labels: "annotations/EXPR_Set/{Training_Set,Train_Set,Validation_Set}",
      expected: [],
    }),
  ],
});

interface EditionForm {
  name: string;
  classes: string[];
  /** Folders of the label files. */
  labels: string;
  expected: ExpectedInput[];
}

function form({ name, classes, labels, expected }: EditionForm): Form<Options> {
  return {
    name,
    tree: `${labels}/<track>.txt      ${classes.join(",")}\ncropped_aligned/<track>/00001.jpg\ncropped_aligned_new_50_vids/<track>/00001.jpg      second root, optional`,
    expected: ({ every }) => (every === 1 ? expected : []),
    async detect(folder) {
      const [hasLabels, hasCrops] = [(await editions(folder, classes)).length > 0, cropFolders(folder).size > 0];
      if (hasLabels && hasCrops) return folder;
      if (hasLabels) return { misses: "there are labels, and no crops (cropped_aligned/<track>/00001.jpg)", near: 0.6 };
      if (!hasCrops) return undefined;
      return {
        misses: `there are crops, and no Train_Set or Validation_Set of label files that begin with "${classes.join(",")}"`,
        near: 0.5,
      };
    },
    async *read(folder, { every }) {
      const found = await editions(folder, classes);
      if (found.length > 1) throw severalEditions(folder, found);
      const crops = cropFolders(folder);
      const tracks = new Set<string>();
      for (const { file, split } of found[0]!.files) {
        const track = fileStem(file);
        tracks.add(track);
        const labels = parseFrameLabels(await folder.text(file), file);
        if (labels.classes.join() !== classes.join())
          throw otherEdition(file, { found: labels.classes, expected: classes });
        const pictures = cropsOf(folder, crops.get(track) ?? []);
        // no yield*, which would wait for every row
        for (const item of readTrack(folder, { track, file, split, codes: labels.codes, pictures, every })) yield item;
      }
      for (const [track, dirs] of crops) {
        if (tracks.has(track)) continue;
        for (const source of dirs.flatMap((dir) => folder.images(dir)))
          yield { source, reason: "unlabelled", detail: `no label file for track ${track}` };
      }
    },
  };
}

/** One person in one video. */
interface Track {
  track: string;
  /** The label file. */
  file: string;
  split: Split;
  /** `codes[n - 1]` belongs to frame n. */
  codes: readonly number[];
  pictures: Crops;
  every: number;
}

/** Frames that a crop may lie behind the last label: the owners' count is off by one here and there. */
const BEHIND = 1;

function* readTrack(folder: Folder, task: Track): Generator<SampleInput | SkippedInput> {
  const { file, codes, pictures } = task;
  const problem = shiftOf(task);
  yield* listedNow(folder, {
    rows: frameRows(task),
    picture: ({ frame }) => {
      const path = pictures.frames.get(frame);
      return path === undefined ? NO_CROP : { path };
    },
    read: (row) => (problem === undefined ? readFrame(task, row) : { reason: "invalid", detail: problem }),
  });
  for (const [frame, source] of pictures.frames) {
    if (frame >= 1 && frame <= codes.length) continue;
    yield { source, reason: "unlabelled", detail: `frame ${frame} of a track with ${codes.length} labels` };
  }
  for (const [source, before] of pictures.doubles)
    yield { source, reason: "invalid", detail: `"${before}" is the same frame of ${file}` };
}

// made once, as most rows of a track are such
const NO_CROP = { problem: "no crop of this frame" };
const NOT_ANNOTATED: RowReading = { reason: "invalid", detail: "not annotated (-1)" };

interface FrameRow {
  source: string;
  frame: number;
  code: number;
}

function* frameRows({ file, codes }: Track): Generator<FrameRow> {
  for (const [at, code] of codes.entries()) yield { source: `${file}:${at + 2}`, frame: at + 1, code };
}

/**
 * Why no label of a track belongs to its frame: crops that begin with 0, or that go on far behind the last label, as they
 * do where the lines of frames without annotation were taken out.
 */
function shiftOf({ codes, pictures: { frames } }: Track): string | undefined {
  const last = [...frames.keys()].at(-1) ?? 0;
  if (frames.has(0))
    return "its crops are numbered from 0, the owners' from 1: every label would be shifted by a frame";
  if (last <= codes.length + BEHIND) return undefined;
  return `its crops go up to frame ${last}, its labels to ${codes.length}: lines are missing, and every label may be shifted`;
}

function readFrame({ track, split, every }: Track, { frame, code }: FrameRow): RowReading {
  if ((frame - 1) % every !== 0) return { reason: "not-chosen", detail: `not every ${every}th frame` };
  if (code === -1) return NOT_ANNOTATED;
  if (code === OTHER) return { reason: "other", detail: "Other (7)" };
  return {
    id: `${track}_${String(frame).padStart(5, "0")}`,
    expression: BASIC_EXPRESSIONS[code]!,
    split,
    group: track.replace(/_(left|right)$/, ""),
    frame,
    rawLabel: String(code),
  };
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

function otherEdition(file: string, { found, expected }: Record<"found" | "expected", string[]>): DatasetError {
  return new DatasetError({
    code: "OTHER_EDITION",
    subject: file,
    found: `the header "${found.join(",").slice(0, 80)}"`,
    expected: `"${expected.join(",")}" as in the files before it`,
    fix: "Keep the labels of one edition in the folder",
  });
}
