/**
 * Copies of RAF-DB's basic set that others made: class folders `train/1..7` (RAF codes, not canonical numbers) or class
 * words, some with a csv beside them; and an index csv `path,label,fold`. Where folder and csv contradict each other,
 * neither is believed.
 */
import type { Form, SampleInput, SkippedInput } from "../../adapter.js";
import { expressionNamed, type Expression } from "@fer/core";
import { classImages, splitOf } from "../../readers/class-folders.js";
import { csvRecords, csvRows, headedTables } from "../../files/csv.js";
import { type Folder, base, stem } from "../../tree/folder.js";
import { unknownCode } from "../../readers/codes.js";
import { unlistedImages } from "../../readers/unlisted.js";
import type { Split } from "@fer/core/image-folder";
import { BASIC, BASIC_TOTALS } from "./constants.js";

const SPLITS = { train: "train", training: "train", test: "test", testing: "test" } as const satisfies Record<
  string,
  Split
>;
const NAME = /^((train|test)_\d+)(_aligned)?$/i;
const classOf = (label: string): Expression | undefined =>
  /^\d$/.test(label) ? BASIC[Number(label)] : expressionNamed(label);
const ownNamed = (file: string) => NAME.test(stem(file));

/** The forms of copies. */
export const rafdbCopies: readonly Form[] = [
  {
    name: "class-folders",
    tree: "DATASET/train/{1..7}/train_00001_aligned.jpg\nDATASET/test/{1..7}/test_0001_aligned.jpg\ntrain_labels.csv, test_labels.csv      image,label; optional",
    expected: BASIC_TOTALS,
    async detect(folder) {
      for (const { file, expression } of classImages(folder, classOf))
        if (expression !== undefined && ownNamed(file)) return folder;
      return undefined;
    },
    async *read(folder, _options, tally) {
      const labels = await csvLabels(folder);
      for (const { file, expression, label, above } of classImages(folder, classOf)) {
        const split = splitOfFile(file, above);
        if (expression === undefined || split === undefined) {
          yield { source: file, reason: "unlabelled", detail: "no folder of a class above it", listed: false };
          continue;
        }
        tally.rows();
        const row = labels.get(base(file));
        labels.delete(base(file));
        const item = { id: idOf(file), image: { file }, expression, split, source: file, rawLabel: label };
        if (row === undefined || classOf(row.label) === expression) yield item;
        else
          yield {
            source: file,
            reason: "invalid",
            detail: `folder ${label}, but ${row.source} says ${row.label}`,
          };
      }
      for (const [name, { source }] of labels) {
        tally.rows();
        yield { source, reason: "missing-file", detail: `"${name}" is not in the folder` };
      }
    },
  },
  {
    name: "index-csv",
    tree: "<any>.csv      path,label,fold\n<paths of the csv>",
    expected: BASIC_TOTALS,
    detect: async (folder) => ((await indexCsv(folder)) === undefined ? undefined : folder),
    async *read(folder, _options, tally) {
      const file = (await indexCsv(folder))!;
      const seen = new Set<string>();
      const rows = csvRows(folder.lines(file), { file });
      for await (const { line, values } of csvRecords(rows, { file, required: ["path", "label", "fold"] })) {
        tally.rows();
        yield indexRow(folder, `${file}:${line}`, values, seen);
      }
      yield* unlistedImages(folder, "", seen);
    },
  },
];

function indexRow(
  folder: Folder,
  source: string,
  { path, label, fold }: Record<"path" | "label" | "fold", string>,
  seen: Set<string>,
): SampleInput | SkippedInput {
  const { path: file, problem } = folder.find(path);
  const expression = classOf(label.trim());
  const split = splitOf([fold.trim()], SPLITS);
  if (expression === undefined) throw unknownCode(source, "the label", label, "a code from 1 to 7, or a class name");
  if (split === undefined) throw unknownCode(source, "the fold", fold, "train or test");
  if (file === undefined) return { source, reason: "missing-file", detail: problem };
  seen.add(file);
  return { id: idOf(file), image: { file }, expression, split, source, rawLabel: label };
}

/** Header `path,label,fold`, and names of RAF-DB in the first column. */
const indexCsv = async (folder: Folder): Promise<string | undefined> =>
  folder.images().some(ownNamed) ? (await headedTables(folder, ["path", "label", "fold"]))[0] : undefined;

/** Rows of `train_labels.csv` and `test_labels.csv` by file name. */
async function csvLabels(folder: Folder): Promise<Map<string, { label: string; source: string }>> {
  const labels = new Map<string, { label: string; source: string }>();
  for (const file of folder.findFiles(/^(train|test)_labels?\.csv$/i)) {
    const rows = csvRows(folder.lines(file), { file });
    for await (const { line, values } of csvRecords(rows, { file, required: ["image", "label"] })) {
      const label = values.label.trim();
      if (classOf(label) === undefined) throw unknownCode(`${file}:${line}`, "the label", label, "a code from 1 to 7");
      labels.set(base(values.image.trim()), { label, source: `${file}:${line}` });
    }
  }
  return labels;
}

const splitOfFile = (file: string, above: readonly string[]): Split | undefined =>
  (NAME.exec(stem(file))?.[2]?.toLowerCase() as Split | undefined) ?? splitOf(above, SPLITS);

/** `train_00001_aligned` and `train_00001` are one picture: the id is the owner's name for it. */
const idOf = (file: string): string => NAME.exec(stem(file))?.[1] ?? stem(file);
