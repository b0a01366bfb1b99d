/**
 * AffectNet as released in 2021 ("8 labels"): 224x224 crops, and one `.npy` scalar for each of label, valence and
 * arousal, and 68 landmarks. Ids are integers with gaps, the same one occurs in both parts; their stored type varies.
 */
import type { Form, SampleInput, SkippedInput } from "../../adapter.js";
import { FormatError, npyNumbers, npyScalar } from "@fer/core";
import { type Folder, base, stem } from "../../tree/folder.js";
import { unlistedImages } from "../../readers/unlisted.js";
import type { Split } from "@fer/core/image-folder";
import { NPY_TOTALS, affect, landmarks, readCode } from "./codes.js";
import type { AffectNetOptions } from "./options.js";

const PARTS: readonly (readonly [RegExp, Split])[] = [
  [/^train_set$/i, "train"],
  [/^val(id|idation)?_set$/i, "val"],
];
const LABEL = /^(\d+)_exp\.npy$/i;

/** The form. */
export const npy2021: Form<AffectNetOptions> = {
  name: "npy-2021",
  tree: `train_set/images/<int>.jpg
train_set/annotations/<int>_exp.npy, <int>_val.npy, <int>_aro.npy, <int>_lnd.npy
val_set/images, val_set/annotations`,
  expected: NPY_TOTALS,
  detect: (folder) => (parts(folder).length > 0 ? folder : undefined),
  async *read(folder, _options, tally) {
    for (const { dir, split } of parts(folder)) {
      const seen = new Set<string>();
      for (const file of labelFiles(folder, dir)) {
        tally.rows();
        yield await readItem(folder, dir, file, split, seen);
      }
      yield* unlistedImages(folder, `${dir}/images`, seen);
    }
  },
};

async function readItem(
  folder: Folder,
  dir: string,
  file: string,
  split: Split,
  seen: Set<string>,
): Promise<SampleInput | SkippedInput> {
  const id = LABEL.exec(base(file))![1]!;
  const code = String(npyScalar(await folder.bytes(file), file));
  const image = [".jpg", ".png", ".jpeg", ".JPG"]
    .map((ext) => `${dir}/images/${id}${ext}`)
    .find((path) => folder.has(path));
  if (image !== undefined) seen.add(image);
  const expression = readCode(code, file);
  if (typeof expression !== "string") return expression;
  if (image === undefined)
    return { source: file, reason: "missing-file", detail: `"${dir}/images/${id}.jpg" is not in the folder` };
  const beside = async <T>(kind: string, read: (bytes: Buffer, path: string) => T): Promise<T | null> => {
    const path = `${file.slice(0, -"exp.npy".length)}${kind}.npy`;
    return folder.has(path) ? read(await folder.bytes(path), path) : null;
  };
  const number = (bytes: Buffer, path: string) => affect(npyScalar(bytes, path));
  const [valence, arousal, points] = await Promise.all([
    beside("val", number),
    beside("aro", number),
    beside("lnd", pointsOf),
  ]);
  const known = { expression, split, source: file, rawLabel: code, valence, arousal };
  return { id: stem(image), image: { file: image }, ...known, landmarks: points };
}

/** 136 numbers `x, y, x, y, ...` in pixels of the crop. What is none has no points, and is left out where faces are aligned. */
function pointsOf(bytes: Buffer, path: string): [number, number][] | null {
  try {
    return landmarks(npyNumbers(bytes, path));
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** Folders `train_set` and `val_set` with annotations, wherever they lie; the shallowest of each. */
function parts(folder: Folder): { dir: string; split: Split }[] {
  return PARTS.flatMap(([name, split]) => {
    const [dir] = folder.findFolders((path) => name.test(base(path)) && labelFiles(folder, path).length > 0);
    return dir === undefined ? [] : [{ dir, split }];
  });
}

const labelFiles = (folder: Folder, dir: string) =>
  folder.under(`${dir}/annotations`).filter((file) => LABEL.test(base(file)));
