/**
 * Aff-Wild2 (ABAW competitions): one text file a person track, line n + 1 for frame n, and a folder of 112x112 crops a
 * track. The header tells the edition: 7 classes (2020, 2021) or 8 (2022 on), never mixed. Code 7 is Other, not contempt.
 * Numbers of frames come from file names: tracks have gaps. Both people of a video (`_left`, `_right`) are one group.
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import type { ExpectedInput, Form, SampleInput, SkippedInput, Tally } from "../adapter.js";
import { DatasetError, BASIC_EXPRESSIONS } from "@fer/core";
import { type Folder, stem } from "../tree/folder.js";
import { parseFrameLabels } from "../readers/frame-labels.js";
import type { Split } from "@fer/core/image-folder";
import { type Edition, cropFolders, editions, framesOf } from "./affwild2/tree.js";

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
