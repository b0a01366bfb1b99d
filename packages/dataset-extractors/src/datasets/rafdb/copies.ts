/**
 * Copies of RAF-DB's basic set that others made: class folders `train/1..7` (RAF codes, not canonical numbers) or class
 * words, some with a csv beside them; all pictures of a part in one folder, with a csv of labels; and an index csv
 * `path,label,fold`. Where folder and csv contradict each other, neither is believed. Numbers must be the owner's codes,
 * or mapped: copies that count from 0 are in use.
 */
import type { Form, Misfit } from "../../definition.js";
import type { SampleInput, SkippedInput } from "../../items.js";
import { expressionNamed } from "@fer/core";
import { csvTable, headedTables } from "../../files/csv.js";
import { checkNumbers, classFolders, classImages, classMisfit, type ClassNames } from "../../readers/class-folders.js";
import { meaningOf, unknownCode } from "../../readers/codes.js";
import { listed, type RowReading } from "../../readers/listed.js";
import { splitOf } from "../../readers/splits.js";
import type { Folder } from "../../tree/folder.js";
import { fileName, fileStem } from "../../tree/names.js";
import type { Split } from "@fer/core/image-folder";
import { BASIC, BASIC_TOTALS, basicClass } from "./constants.js";
import type { RafDbOptions } from "./options.js";

const SPLITS = { train: "train", training: "train", test: "test", testing: "test" } as const;
const NAME = /^((train|test)_\d+)(_aligned)?$/i;
const ownNamed = (file: string) => NAME.test(fileStem(file));
const LABELS = ["image", "label"] as const;
const INDEX = ["path", "label", "fold"] as const;
/** Rows of which one at least has the owner's code 7, a fifth of his pictures, in 999 of 1,000 lists. */
const ENOUGH = 30;

/** Pictures under the owner's names bring a form nearer. */
const nearer = (misfit: Misfit): Misfit => ({ ...misfit, near: misfit.near + 0.2 });

/** What a folder or a label means: by the map, or the owner's code, or a word. */
function classOf({ map }: RafDbOptions): ClassNames {
  if (map !== undefined) return (label) => (Object.hasOwn(map, label) ? map[label] : undefined);
  return (label) => (/^\d+$/.test(label) ? basicClass(label) : expressionNamed(label));
}

/** Class folders, with or without a csv of labels beside them. */
const rafdbClassFolders: Form<RafDbOptions> = {
  name: "class-folders",
  tree: "DATASET/train/{1..7}/train_00001_aligned.jpg\nDATASET/test/{1..7}/test_0001_aligned.jpg\ntrain_labels.csv, test_labels.csv      image,label; optional",
  expected: BASIC_TOTALS,
  detect(folder, options) {
    const names = classOf(options);
    const own = classImages(folder, (name) => names(name) ?? (/^\d\d?$/.test(name) ? "neutral" : undefined)).filter(
      ({ file, expression }) => expression !== undefined && ownNamed(file),
    );
    if (own.length > 0) return folder;
    return folder.images().some(ownNamed) ? nearer(classMisfit(folder)) : undefined;
  },
  async *read(folder, options) {
    const names = classOf(options);
    const labels = await csvLabels(folder, options);
    const images = classImages(folder, names);
    if (options.map === undefined) {
      const folders = images.filter(({ file }) => ownNamed(file)).map(({ file }) => file.split("/").at(-2) ?? "");
      const numbers = folders.concat([...labels.rows.values()].map(({ label }) => label));
      checkNumbers({ adapter: "rafdb", root: folder.root, numbers, codes: BASIC });
    }
    yield* labels.skips;
    yield* classFolders({
      images,
      notes: options,
      ownName: ({ file }) => (ownNamed(file) ? idOf(file) : undefined),
      read({ file, expression, label, above }) {
        const split = splitOfFile(file, above);
        if (split === undefined)
          return { reason: "unlabelled", detail: "neither its name nor a folder tells the split" };
        const row = labels.rows.get(fileName(file).toLowerCase());
        labels.rows.delete(fileName(file).toLowerCase());
        if (row !== undefined && names(row.label) !== expression)
          return { reason: "invalid", detail: `folder ${label}, but ${row.source} says ${row.label}` };
        return { id: idOf(file), expression, split, rawLabel: label };
      },
    });
    for (const { name, source } of labels.rows.values())
      yield { source, reason: "missing-file", detail: `"${name}" is not in the folder` };
  },
};

/** All pictures of a part in one folder, their labels in a csv. */
const labelCsv: Form<RafDbOptions> = {
  name: "label-csv",
  tree: "train/train_images/train_00001_aligned.jpg, test/test_images/test_0001_aligned.jpg\ntrain_labels.csv, test_labels.csv      image,label",
  expected: BASIC_TOTALS,
  async detect(folder, options) {
    if (!folder.images().some(ownNamed) || rafdbClassFolders.detect(folder, options) === folder) return undefined;
    const { files, misfit } = await headedTables(folder, LABELS);
    return files.length > 0 ? folder : misfit && nearer(misfit);
  },
  async *read(folder, options) {
    const { files } = await headedTables(folder, LABELS);
    for (const file of files) await checkCodes(folder, { file, columns: LABELS, options });
    yield* listed(folder, {
      rows: () => tables(folder, { files, columns: LABELS }),
      picture: ({ image }) => image,
      byName: true,
      read({ image, label, source }) {
        const split = NAME.exec(fileStem(image.trim()))?.[2]?.toLowerCase() as Split | undefined;
        if (split === undefined)
          throw unknownCode({
            source,
            what: "the name",
            found: image,
            expected: "train_<number>_aligned.jpg or test_<number>_aligned.jpg",
          });
        return labelled({ label, source, options }, { id: idOf(image.trim()), split });
      },
    });
  },
};

/** One csv of paths, labels and parts. */
const indexCsv: Form<RafDbOptions> = {
  name: "index-csv",
  tree: "<any>.csv      path,label,fold\n<paths of the csv>",
  expected: BASIC_TOTALS,
  async detect(folder) {
    if (!folder.images().some(ownNamed)) return undefined;
    const { files, misfit } = await headedTables(folder, INDEX);
    return files.length > 0 ? folder : misfit;
  },
  async *read(folder, options) {
    const [file] = (await headedTables(folder, INDEX)).files;
    await checkCodes(folder, { file: file!, columns: INDEX, options });
    yield* listed(folder, {
      rows: () => csvTable(folder, { file: file!, required: INDEX }),
      picture: ({ path }) => path,
      read({ path, label, fold, source }, picture) {
        const split = splitOf([fold.trim()], SPLITS);
        if (split === undefined)
          throw unknownCode({ source, what: "the fold", found: fold, expected: "train or test" });
        return labelled({ label, source, options }, { id: idOf(picture ?? path), split });
      },
    });
  },
};

/** The forms of copies. */
export const rafdbCopies: readonly Form<RafDbOptions>[] = [rafdbClassFolders, labelCsv, indexCsv];

interface Labelled {
  label: string;
  source: string;
  options: RafDbOptions;
}

/** A row with a label. */
function labelled({ label, source, options }: Labelled, { id, split }: { id: string; split: Split }): RowReading {
  if (options.map !== undefined && !Object.hasOwn(options.map, label.trim()))
    return { reason: "other", detail: `label "${label}" is not in the map` };
  const expression = meaningOf({
    source,
    what: "the label",
    cell: label,
    table: classOf(options),
    expected: "a code from 1 to 7, or a class name",
  });
  return typeof expression === "string" ? { id, expression, split, rawLabel: label } : expression;
}

/** Rows of several tables with the same columns. */
async function* tables<Name extends string>(
  folder: Folder,
  { files, columns }: { files: readonly string[]; columns: readonly Name[] },
) {
  for (const file of files) yield* csvTable(folder, { file, required: columns });
}

/** Refuses a table that counts from 0. */
async function checkCodes(
  folder: Folder,
  {
    file,
    columns,
    options,
  }: { file: string; columns: readonly ("label" | "image" | "path" | "fold")[]; options: RafDbOptions },
): Promise<void> {
  if (options.map !== undefined) return;
  const numbers = new Set<string>();
  let rows = 0;
  for await (const { label } of csvTable(folder.peek(), { file, required: columns })) {
    numbers.add(label.trim());
    rows += 1;
  }
  const isDoubtful = numbers.has("0") || (rows >= ENOUGH && !numbers.has("7"));
  if (isDoubtful) checkNumbers({ adapter: "rafdb", root: file, numbers, codes: BASIC });
}

interface CsvLabels {
  /** By file name in lower case. */
  rows: Map<string, { name: string; label: string; source: string }>;
  /** Rows that cannot be compared. */
  skips: (SkippedInput | SampleInput)[];
}

/** Rows of `train_labels.csv` and `test_labels.csv`. */
async function csvLabels(folder: Folder, options: RafDbOptions): Promise<CsvLabels> {
  const found: CsvLabels = { rows: new Map(), skips: [] };
  const names = classOf(options);
  for (const file of folder.findFiles(/^(train|test)_labels?\.csv$/i)) {
    for await (const { image, label: cell, source } of csvTable(folder, { file, required: LABELS })) {
      const [name, label] = [image.trim(), cell.trim()];
      const key = fileName(name).toLowerCase();
      if (options.map === undefined && label !== "0" && names(label) === undefined)
        throw unknownCode({ source, what: "the label", found: label, expected: "a code from 1 to 7" });
      if (found.rows.has(key)) found.skips.push({ source, reason: "invalid", detail: `"${name}" has a row already` });
      else found.rows.set(key, { name, label, source });
    }
  }
  return found;
}

const splitOfFile = (file: string, above: readonly string[]): Split | undefined =>
  (NAME.exec(fileStem(file))?.[2]?.toLowerCase() as Split | undefined) ?? splitOf(above, SPLITS);

/** `train_00001_aligned` and `train_00001` are one picture: the id is the owner's name for it. */
const idOf = (file: string): string => NAME.exec(fileStem(file))?.[1] ?? fileStem(file);
