/**
 * AFEW 2018 (EmotiW): movie clips in emotion folders, and frames of aligned faces in a folder a clip, without emotion.
 * The label of a clip is the folder that holds `<9 digits>.avi`. The same number occurs in two parts with different
 * labels, so the part belongs to the key. Clips are shared with SFEW 2.0.
 */
import { z } from "zod";
import type { Form } from "../definition.js";
import { defineAdapter } from "../adapter.js";
import type { ExpectedInput, SampleInput, SkippedInput } from "../items.js";
import { classMisfit } from "../readers/class-folders.js";
import { fileStem, folderOf } from "../tree/names.js";
import { Frames, chooseFrames } from "./afew/frame-choice.js";
import { collectClips, numberOf } from "./afew/clips.js";
import type { Clip } from "./afew/clips.js";

const TOTALS: ExpectedInput[] = [
  { split: "train", mark: "2", of: "groups", counts: [144, 133, 74, 81, 150, 117, 74] },
  { split: "val", mark: "2", of: "groups", counts: [63, 64, 40, 46, 63, 61, 46] },
];

const Options = z.strictObject({ ...Frames.shape });
type Options = z.infer<typeof Options>;

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
  ownNames: true,
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
    detect(folder) {
      const clips = collectClips(folder, name);
      if (clips.some(({ frames, labels }) => frames.length > 0 && labels.length > 0)) return folder;
      if (name !== "faces") return undefined;
      if (clips.some(({ labels }) => labels.length > 0))
        return {
          misses: "there are clips in emotion folders, and no frames of them (Faces/<9 digits>/<frame>.jpg)",
          near: 0.6,
        };
      if (clips.length > 0)
        return {
          misses: "there are frames of clips, and no emotion folder holds a clip <9 digits>.avi of theirs",
          near: 0.5,
        };
      return classMisfit(folder);
    },
    async *read(folder, options) {
      for (const clip of collectClips(folder, name)) {
        // the folder of a clip is its label
        for (const { source } of clip.labels) folder.use(source);
        yield* readClip(clip, options);
      }
    },
  };
}

function* readClip(clip: Clip, options: Options): Generator<SampleInput | SkippedInput> {
  const { split, id, labels, video, frames } = clip;
  const [first] = labels;
  if (first === undefined || split === "test") {
    const where =
      split === "test" ? "the test part has no public labels" : `no emotion folder of ${split} holds clip ${id}`;
    const detail = `${where}; ${frames.length} ${frames.length === 1 ? "frame" : "frames"}`;
    const source = first?.source ?? video;
    if (source !== undefined) yield { source, reason: "unlabelled", detail };
    for (const dir of new Set(frames.map(folderOf))) yield { source: dir, reason: "unlabelled", detail };
  } else if (labels.some(({ expression }) => expression !== first.expression)) {
    const detail = `clip ${id} is in ${labels.map(({ label }) => label).join(" and ")}`;
    yield { source: first.source, reason: "invalid", detail };
    for (const dir of new Set(frames.map(folderOf)))
      if (dir !== first.source) yield { source: dir, reason: "invalid", detail };
  } else if (frames.length === 0) {
    yield { source: first.source, reason: "missing-file", detail: `no frames of clip ${id}` };
  } else {
    const byName = new Map<string, string>();
    for (const file of frames) if (!byName.has(fileStem(file))) byName.set(fileStem(file), file);
    const chosen = new Set(chooseFrames([...byName.values()], options));
    for (const file of frames) {
      const own = byName.get(fileStem(file))!;
      if (own !== file) yield { source: file, reason: "invalid", detail: `"${own}" is the same frame` };
      else if (chosen.has(file))
        yield {
          id: `${id}_${fileStem(file)}`,
          image: { file },
          expression: first.expression,
          split,
          group: id,
          frame: numberOf(file),
          source: file,
          rawLabel: first.label,
        };
      else yield { source: file, reason: "not-chosen", detail: `the frames taken are ${options.frames}` };
    }
  }
}
