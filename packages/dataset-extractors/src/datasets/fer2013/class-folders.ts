/**
 * FER2013 as class folders. The prefix of a file name is the owner's and tells the split, else the folder does; the
 * digits in `Training_<digits>` are no row numbers. Three layouts are told apart, because two of them cannot be compared
 * with published numbers part by part.
 */
import type { ExpectedInput, Form } from "../../adapter.js";
import { DatasetError, expressionNamed, labelOf, type Expression } from "@fer/core";
import { type ClassNames, classImages, splitOf } from "../../readers/class-folders.js";
import { type Folder, base, stem } from "../../tree/folder.js";
import { UniqueIds } from "../../readers/unique-ids.js";
import type { Split } from "@fer/core/image-folder";
import { CODES, MERGED_TEST, OFFICIAL, RESHUFFLED, USAGE } from "./constants.js";

/** Numbers of folders that someone sorted by name (`angry` 0 ... `surprise` 6): 4, 5 and 6 differ. */
const ALPHABETICAL = ["anger", "disgust", "fear", "happy", "neutral", "sad", "surprise"] as const;

const SPLIT_FOLDERS = {
  training: "train",
  train: "train",
  publictest: "val",
  public: "val",
  validation: "val",
  valid: "val",
  val: "val",
  privatetest: "test",
  private: "test",
  test: "test",
} as const satisfies Record<string, Split>;

const PREFIX = /^(Training|PublicTest|PrivateTest)_/;

/** What numbers mean, by option. */
export interface FolderOptions {
  numbers: "csv" | "alphabetical" | null;
}

/** The forms, each by its layout. */
export const fer2013Folders: readonly Form<FolderOptions>[] = [
  folderForm(
    "folders",
    "train/<class>/Training_<digits>.jpg\ntest/<class>/PublicTest_<digits>.jpg, PrivateTest_<digits>.jpg\n" +
      "or {Training,PublicTest,PrivateTest}/<class or 0..6>/*.png",
    OFFICIAL,
  ),
  folderForm("merged-test", "train/<class>/*.jpg\ntest/<class>/*.jpg      both tests, names lost", MERGED_TEST),
  folderForm(
    "reshuffled",
    "train/<class>/<n>.jpg\nvalidation/<class>/<n>.jpg      a random split of its own, not the official one",
    RESHUFFLED,
  ),
];

function folderForm(name: string, tree: string, expected: ExpectedInput[]): Form<FolderOptions> {
  return {
    name,
    tree,
    expected,
    detect: (folder) => (layoutOf(folder) === name ? folder : undefined),
    async *read(folder, options, tally) {
      const ids = new UniqueIds();
      for (const found of classImages(folder, classNames(folder, options))) {
        const { file, expression } = found;
        const split = splitOfFile(file, found.above);
        if (expression === undefined || split === undefined) {
          const detail = `no folder of a ${expression === undefined ? "class" : "split"} above it`;
          yield { source: file, reason: "unlabelled", detail, listed: false };
          continue;
        }
        tally.rows();
        const own = PREFIX.test(base(file)) ? stem(file) : `${found.label}__${stem(file)}`;
        const id = ids.take(split, own, file.slice(file.lastIndexOf(".") + 1));
        yield { id, image: { file }, expression, split, source: file, rawLabel: found.label };
      }
    },
  };
}

/** Which of the folder forms a tree is: prefixes or three parts are official, two parts without names are not. */
function layoutOf(folder: Folder): string | undefined {
  const splits = new Set<string>();
  let numbered = true;
  for (const { file, above, expression } of classImages(
    folder,
    (label) => wordOf(label) ?? (/^[0-6]$/.test(label) ? "neutral" : undefined),
  )) {
    if (expression === undefined) continue;
    if (PREFIX.test(base(file))) return "folders";
    const split = splitOf(above, SPLIT_FOLDERS);
    if (split !== undefined) splits.add(split);
    numbered &&= /^\d+$/.test(stem(file));
  }
  if (splits.size === 2 && splits.has("train") && splits.has("test")) return "merged-test";
  if (splits.size === 2 && splits.has("train") && numbered) return "reshuffled";
  return splits.size > 0 ? "folders" : undefined;
}

const splitOfFile = (file: string, above: readonly string[]): Split | undefined =>
  USAGE.get(PREFIX.exec(base(file))?.[1] ?? "") ?? splitOf(above, SPLIT_FOLDERS);

/** A class that FER2013 has. */
const wordOf = (label: string): Expression | undefined => {
  const expression = expressionNamed(label);
  return expression === "contempt" ? undefined : expression;
};

/** Words, or numbers where the tree has them: by option, or by the class totals where these leave no doubt. */
function classNames(folder: Folder, options: FolderOptions): ClassNames {
  const digits = (order: readonly Expression[]) => (label: string) =>
    /^[0-6]$/.test(label) ? order[Number(label)] : undefined;
  const orders = { csv: digits(CODES), alphabetical: digits(ALPHABETICAL) };
  const either: ClassNames = (label) => wordOf(label) ?? orders.csv(label);
  if (!classImages(folder, either).some(({ label }) => label !== null && orders.csv(label) !== undefined))
    return wordOf;
  const fits = (named: ClassNames) =>
    OFFICIAL.some(({ split, counts }) => {
      const found = [0, 0, 0, 0, 0, 0, 0];
      for (const { file, expression, above } of classImages(folder, named)) {
        if (expression !== undefined && splitOfFile(file, above) === split) found[labelOf(expression)]! += 1;
      }
      return counts!.every((n, label) => n === found[label]);
    });
  const order = options.numbers ?? (["csv", "alphabetical"] as const).find((name) => fits(orders[name]));
  if (order !== undefined) return (label) => wordOf(label) ?? orders[order](label);
  throw new DatasetError({
    code: "NUMBERED_FOLDERS",
    subject: "fer2013",
    found: "class folders named by numbers, which mean different classes in different copies",
    expected: "class names, or a complete split whose class totals tell what the numbers mean",
    fix: 'Set the option "numbers" to "csv" (4 sad, 5 surprise, 6 neutral) or "alphabetical" (4 neutral, 5 sad, 6 surprise)',
  });
}
