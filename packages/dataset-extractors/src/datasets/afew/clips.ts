/** Clips and frames of an AFEW tree, gathered by part and number from wherever an archive was unpacked. */
import { byCodeUnit, type Expression } from "@fer/core";
import { classFolder } from "../../readers/class-folders.js";
import { COMMON_SPLITS, splitOf } from "../../readers/splits.js";
import type { Folder } from "../../tree/folder.js";
import { fileName, fileStem, isImageName } from "../../tree/names.js";
import type { Split } from "@fer/core/image-folder";

const SPLITS = {
  ...COMMON_SPLITS,
  trainafew: "train",
  valafew: "val",
  // the archive of aligned faces of the validation part, wherever it was unpacked
  alignedfaceslbptoppointsval: "val",
  testviddistribute: "test",
  test2017facesdistribute: "test",
} as const;
const VIDEO = /^(\d{9})\.(avi|mp4|mkv|mov|webm)$/i;
const CLIP = /^\d{9}$/;
/** A clip of one part. */
export interface Clip {
  split: Split;
  id: string;
  /** Emotion folders that hold the clip. */
  labels: { expression: Expression; label: string; source: string }[];
  /** A video that lies in no emotion folder. */
  video?: string;
  frames: string[];
}

/** Clips in order of part and number, each with its frames in order of theirs. */
export function collectClips(folder: Folder, form: "faces" | "class-frames"): Clip[] {
  const clips = new Map<string, Clip>();
  const clipOf = (split: Split, id: string) => {
    const clip = clips.get(`${split}/${id}`) ?? { split, id, labels: [], frames: [] };
    clips.set(`${split}/${id}`, clip);
    return clip;
  };
  // the folder that was passed may itself be a part
  const above = folder.root.split(/[\\/]/).slice(-1);
  for (const file of folder.files) {
    const segments = file.split("/");
    const parent = segments.at(-2) ?? "";
    const split = splitOf([...above, ...segments.slice(0, -1)], SPLITS) ?? "all";
    const found = classFolder(file);
    const video = VIDEO.exec(fileName(file))?.[1];
    if (video !== undefined) {
      const clip = clipOf(split, video);
      if (found === undefined) clip.video = file;
      else clip.labels.push({ ...found, source: file });
    } else if (CLIP.test(parent) && isImageName(file) && (found === undefined) === (form === "faces")) {
      const clip = clipOf(split, parent);
      clip.frames.push(file);
      if (found !== undefined && clip.labels.every(({ expression }) => expression !== found.expression)) {
        clip.labels.push({ ...found, source: segments.slice(0, -1).join("/") });
      }
    }
  }
  for (const { frames } of clips.values()) frames.sort((a, b) => numberOf(a) - numberOf(b) || byCodeUnit(a, b));
  return [...clips].sort(([a], [b]) => byCodeUnit(a, b)).map(([, clip]) => clip);
}

/** The last run of digits in the name of a frame: `I_1001.jpg` is 1001, `7.jpg` is 7. */
export const numberOf = (file: string): number => Number(/(\d{1,15})\D*$/.exec(fileStem(file))?.[1] ?? 0);
