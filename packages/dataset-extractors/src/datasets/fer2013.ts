/**
 * FER2013 (Goodfellow et al. 2013): 48x48 grey faces of a Kaggle competition, as csv in three versions, or as class
 * folders exported from it. Usage names the split. The set holds exact twins across its splits: rows of a csv carry
 * the hash of their pixels as group.
 */
import { z } from "zod";
import type { Form } from "../definition.js";
import { defineAdapter } from "../adapter.js";
import type { SampleInput, SkippedInput } from "../items.js";
import { headedTables } from "../files/csv.js";
import { FolderMap } from "../readers/class-folders.js";
import { unknownCode } from "../readers/codes.js";
import { pixelGroup, pixelImage, pixelRows } from "../readers/pixel-table.js";
import type { Folder } from "../tree/folder.js";
import { fileStem } from "../tree/names.js";
import type { Split } from "@fer/core/image-folder";
import { fer2013Folders } from "./fer2013/class-folders.js";
import { OFFICIAL, USAGE } from "./fer2013/constants.js";
import { emotionOf } from "./fer2013/emotion.js";

const TABLE = ["emotion", "pixels", "Usage"];

const Options = z.strictObject({
  numbers: z
    .enum(["csv", "alphabetical"])
    .nullable()
    .default(null)
    .describe("What folders named 0 to 6 mean: the codes of the csv, or class names in alphabetical order"),
  map: FolderMap.optional(),
});
type Options = z.infer<typeof Options>;

const csv: Form<Options> = {
  name: "csv",
  tree: "fer2013.csv or icml_face_data.csv      emotion,pixels,Usage in any order, 35,887 rows",
  expected: OFFICIAL,
  groupKind: "photo",
  async detect(folder) {
    const { files, misfit } = await headedTables(folder, TABLE);
    return files.length > 0 ? folder : misfit;
  },
  async *read(folder) {
    const [file, ...others] = (await headedTables(folder, TABLE)).files;
    yield* readTable(folder, { file: file!, splitFor: (usage) => USAGE.get(usage) });
    for (const source of others) yield { source, reason: "unlabelled", detail: `one more table; "${file}" was read` };
  },
};

const trainCsv: Form<Options> = {
  name: "train-csv",
  tree: "train.csv      emotion,pixels, 28,709 rows\ntest.csv       pixels, 7,178 rows without labels",
  expected: [OFFICIAL[0]!],
  groupKind: "photo",
  async detect(folder) {
    if ((await headedTables(folder, TABLE)).files.length > 0) return undefined;
    return (await headedTables(folder, ["pixels"])).files.length > 0 ? folder : undefined;
  },
  async *read(folder) {
    for (const file of (await headedTables(folder, ["pixels"])).files)
      yield* readTable(folder, { file, splitFor: () => "train" });
  },
};

export const fer2013 = defineAdapter({
  name: "fer2013",
  title: "FER2013",
  citation:
    "Goodfellow et al., Challenges in Representation Learning: A Report on Three Machine Learning Contests, ICONIP 2013",
  licence: "Kaggle competition terms; treat as research only",
  homepage: "https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge",
  access: "Download from the Kaggle competition after accepting its rules",
  imageKind: "crop",
  groupKind: "none",
  groupSpace: "fer2013",
  splits: ["train", "val", "test"],
  ownNames: true,
  verified: "real files",
  options: Options,
  forms: [csv, trainCsv, ...fer2013Folders],
});

async function* readTable(
  folder: Folder,
  { file, splitFor }: { file: string; splitFor: (usage: string) => Split | undefined },
): AsyncGenerator<SampleInput | SkippedInput> {
  for await (const { source, row, emotion, usage, pixels } of pixelRows(folder, file)) {
    if (typeof pixels === "string") {
      yield { source, reason: "undecodable", detail: pixels };
      continue;
    }
    const expression = emotionOf(emotion, source);
    if (typeof expression !== "string") {
      yield { ...expression, source };
      continue;
    }
    const split = splitFor(usage);
    if (split === undefined)
      throw unknownCode({ source, what: "Usage", found: usage, expected: [...USAGE.keys()].join(", ") });
    yield {
      id: `${fileStem(file)}_${String(row).padStart(5, "0")}`,
      image: pixelImage(pixels),
      expression,
      split,
      source,
      group: pixelGroup(pixels),
      rawLabel: emotion,
    };
  }
}
