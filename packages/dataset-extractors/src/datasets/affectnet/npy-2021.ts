/**
 * AffectNet as released in 2021 ("8 labels"): 224x224 crops, and one `.npy` scalar for each of label, valence and
 * arousal, and 68 landmarks. Ids are integers with gaps, the same one occurs in both parts; their stored type varies.
 */
import { npyNumbers, npyScalar } from "@fer/core";
import type { Form } from "../../definition.js";
import { listed, type RowReading } from "../../readers/listed.js";
import type { Folder } from "../../tree/folder.js";
import { fileName } from "../../tree/names.js";
import type { Split } from "@fer/core/image-folder";
import { NPY_TOTALS, affect, landmarks } from "./codes.js";
import { codeOfItem, ofOneItem, pictureOf } from "./items.js";
import type { AffectNetOptions } from "./options.js";

const PARTS: readonly (readonly [RegExp, Split])[] = [
  [/^train_set$/i, "train"],
  [/^val(id|idation)?_set$/i, "val"],
];
const LABEL = /^(\d+)_exp\.npy$/i;

export const npy2021: Form<AffectNetOptions> = {
  name: "npy-2021",
  tree: `train_set/images/<int>.jpg
train_set/annotations/<int>_exp.npy, <int>_val.npy, <int>_aro.npy, <int>_lnd.npy
val_set/images, val_set/annotations`,
  expected: NPY_TOTALS,
  detect: (folder) => (parts(folder).length > 0 ? folder : undefined),
  async *read(folder) {
    for (const { dir, split } of parts(folder)) {
      yield* listed(folder, {
        rows: () => labelFiles(folder, dir).map((source) => ({ source, id: LABEL.exec(fileName(source))![1]! })),
        picture: ({ id }) => pictureOf(folder, { dir: `${dir}/images`, id }),
        read: (row) => readItem(folder, { ...row, split }),
      });
    }
  },
};

async function readItem(
  folder: Folder,
  { source, id, split }: { source: string; id: string; split: Split },
): Promise<RowReading> {
  const label = await ofOneItem(async () => String(npyScalar(await folder.bytes(source), source)));
  if (label.problem !== undefined) return { reason: "invalid", detail: label.problem };
  const expression = codeOfItem(label.value, source);
  if (typeof expression !== "string") return expression;
  const beside = async <T>(kind: string, read: (bytes: Buffer, path: string) => T): Promise<T | null> => {
    const path = `${source.slice(0, -"exp.npy".length)}${kind}.npy`;
    if (!folder.has(path)) return null;
    const { value } = await ofOneItem(async () => read(await folder.bytes(path), path));
    return value ?? null;
  };
  const number = (bytes: Buffer, path: string) => affect(npyScalar(bytes, path));
  const [valence, arousal, points] = await Promise.all([
    beside("val", number),
    beside("aro", number),
    beside("lnd", (bytes, path) => landmarks(npyNumbers(bytes, path))),
  ]);
  return { id, expression, split, rawLabel: label.value, valence, arousal, landmarks: points };
}

/** Folders `train_set` and `val_set` with annotations, wherever they lie; the shallowest of each. */
function parts(folder: Folder): { dir: string; split: Split }[] {
  return PARTS.flatMap(([name, split]) => {
    const [dir] = folder.findFolders((path) => name.test(fileName(path)) && labelFiles(folder, path).length > 0);
    return dir === undefined ? [] : [{ dir, split }];
  });
}

const labelFiles = (folder: Folder, dir: string) =>
  folder.under(`${dir}/annotations`).filter((file) => LABEL.test(fileName(file)));
