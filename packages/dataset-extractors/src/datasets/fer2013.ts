/**
 * FER2013 (Goodfellow et al. 2013): 48x48 grey faces of a Kaggle competition, as csv in three versions, or as class
 * folders exported from it. Usage names the split. The set holds exact twins across its splits: rows of a csv carry
 * the hash of their pixels as group.
 */
import { z } from "zod";
import { defineAdapter } from "../adapter.js";
import type { Form, SampleInput, SkippedInput } from "../adapter.js";
import { type Folder, stem } from "../tree/folder.js";
import { headedTables } from "../files/csv.js";
import { PIXEL_SIDE, pixelGroup, pixelRows } from "../readers/pixel-table.js";
import { unknownCode } from "../readers/codes.js";
import type { Split } from "@fer/core/image-folder";
import { fer2013Folders } from "./fer2013/class-folders.js";
import { CODES, OFFICIAL, USAGE } from "./fer2013/constants.js";

const TABLE = ["emotion", "pixels", "Usage"];

const Options = z.strictObject({
  numbers: z
    .enum(["csv", "alphabetical"])
    .nullable()
    .default(null)
    .describe("What folders named 0 to 6 mean: the codes of the csv, or class names in alphabetical order"),
});
type Options = z.infer<typeof Options>;

const csv: Form<Options> = {
  name: "csv",
  tree: "fer2013.csv or icml_face_data.csv      emotion,pixels,Usage in any order, 35,887 rows",
  expected: OFFICIAL,
  groupKind: "photo",
  detect: async (folder) => ((await headedTables(folder, TABLE)).length > 0 ? folder : undefined),
  async *read(folder, _options, tally) {
    const [file, ...others] = await headedTables(folder, TABLE);
    yield* readTable(folder, file!, (usage) => USAGE.get(usage), tally.rows);
    for (const other of others) {
      yield { source: other, reason: "unlabelled", detail: `one more table; "${file}" was read`, listed: false };
    }
  },
};

const trainCsv: Form<Options> = {
  name: "train-csv",
  tree: "train.csv      emotion,pixels, 28,709 rows\ntest.csv       pixels, 7,178 rows without labels",
  expected: [OFFICIAL[0]!],
  groupKind: "photo",
  async detect(folder) {
    if ((await headedTables(folder, TABLE)).length > 0) return undefined;
    return (await headedTables(folder, ["pixels"])).length > 0 ? folder : undefined;
  },
  async *read(folder, _options, tally) {
    for (const file of await headedTables(folder, ["pixels"]))
      yield* readTable(folder, file, () => "train", tally.rows);
  },
};

/** FER2013. */
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
  verified: "real files",
  options: Options,
  forms: [csv, trainCsv, ...fer2013Folders],
});

async function* readTable(
  folder: Folder,
  file: string,
  splitFor: (usage: string) => Split | undefined,
  count: () => void,
): AsyncGenerator<SampleInput | SkippedInput> {
  for await (const { line, row, emotion, usage, pixels } of pixelRows(folder, file)) {
    count();
    const source = `${file}:${line}`;
    const expression = CODES[Number(emotion)];
    const split = splitFor(usage);
    if (typeof pixels === "string") yield { source, reason: "undecodable", detail: pixels };
    else if (emotion === "") yield { source, reason: "unlabelled", detail: "the table has no labels" };
    else if (expression === undefined || !/^\d$/.test(emotion)) throw unknownCode(source, "emotion", emotion, "0 to 6");
    else if (split === undefined) throw unknownCode(source, "Usage", usage, [...USAGE.keys()].join(", "));
    else {
      yield {
        id: `${stem(file)}_${String(row).padStart(5, "0")}`,
        image: { pixels, width: PIXEL_SIDE, height: PIXEL_SIDE, channels: 1 },
        expression,
        split,
        source,
        group: pixelGroup(pixels),
        rawLabel: emotion,
      };
    }
  }
}
