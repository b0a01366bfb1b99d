/**
 * AFEW 2018 (EmotiW): movie clips in emotion folders, and frames of aligned faces in a folder a clip, without emotion.
 * The label of a clip is the folder that holds `<9 digits>.avi`. The same number occurs in two parts with different
 * labels, so the part belongs to the key. Clips are shared with SFEW 2.0.
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import type { ExpectedInput, Form, SampleInput, SkippedInput, Tally } from "../adapter.js";
import { stem } from "../tree/folder.js";
import { Frames, chooseFrames } from "./afew/frame-choice.js";
import { collectClips, numberOf } from "./afew/clips.js";
import type { Clip } from "./afew/clips.js";

const TOTALS: ExpectedInput[] = [
  { split: "train", mark: "2", of: "groups", counts: [144, 133, 74, 81, 150, 117, 74] },
  { split: "val", mark: "2", of: "groups", counts: [63, 64, 40, 46, 63, 61, 46] },
];

const Options = z.strictObject({ ...Frames.shape });
type Options = z.infer<typeof Options>;

/** AFEW 2018. */
export const afew = defineAdapter({
  name: "afew",
  title: "AFEW 2018 (Acted Facial Expressions in the Wild)",
  citation:
    "Dhall, Goecke, Lucey, Gedeon, Collecting Large, Richly Annotated Facial-Expression Databases from Movies, IEEE MultiMedia 2012",
  licence: "EULA signed with the EmotiW organisers; academic, non-commercial, no redistribution",
  homepage: "https://cs.anu.edu.au/few/AFEW.html",
  access: "Signed agreement with the organisers of EmotiW",
  imageKind: "crop",
  groupKind: "clip",
  groupSpace: "afew",
  splits: ["train", "val", "all"],
  verified: "synthetic only",
  options: Options,
  forms: [
    form(
      "faces",
      "{Train,Val}_AFEW/<Emotion>/<9 digits>.avi\n{Train,Val}_AFEW/AlignedFaces_LBPTOP_Points[_Val]/Faces/<9 digits>/<frame>.jpg\nTest_vid_Distribute/<9 digits>.avi",
    ),
    form("class-frames", "{Train,Val}[_AFEW]/[.../]<Emotion>/<9 digits>/<frame>.jpg"),
  ],
});

function form(name: "faces" | "class-frames", tree: string): Form<Options> {
  return {
    name,
    tree,
    expected: TOTALS,
    detect: (folder) =>
      [...collectClips(folder, name)].some(({ frames, labels }) => frames.length > 0 && labels.length > 0)
        ? folder
        : undefined,
    async *read(folder, options, tally) {
      for (const clip of collectClips(folder, name)) yield* readClip(clip, options, tally);
    },
  };
}

function* readClip(clip: Clip, options: Options, tally: Tally): Generator<SampleInput | SkippedInput> {
  const { split, id, labels, video, frames } = clip;
  const [first] = labels;
  const frame = frames[0];
  if (first === undefined || split === "test") {
    const source = first?.source ?? video ?? frame!.slice(0, frame!.lastIndexOf("/"));
    const where =
      split === "test" ? "the test part has no public labels" : `no emotion folder of ${split} holds clip ${id}`;
    const listed = video !== undefined || first !== undefined;
    if (listed) tally.rows();
    yield { source, reason: "unlabelled", detail: `${where}; ${frames.length} frames`, listed };
  } else if (labels.some(({ expression }) => expression !== first.expression)) {
    tally.rows();
    yield {
      source: first.source,
      reason: "invalid",
      detail: `clip ${id} is in ${labels.map(({ label }) => label).join(" and ")}`,
    };
  } else if (frame === undefined) {
    tally.rows();
    yield { source: first.source, reason: "missing-file", detail: `no frames of clip ${id}` };
  } else {
    for (const file of chooseFrames(frames, options)) {
      tally.rows();
      yield {
        id: `${id}_${stem(file)}`,
        image: { file },
        expression: first.expression,
        split,
        group: id,
        frame: numberOf(file),
        source: file,
        rawLabel: first.label,
      };
    }
  }
}
