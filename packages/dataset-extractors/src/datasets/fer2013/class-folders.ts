/**
 * FER2013 as class folders. The prefix of a file name is the owner's and tells the split, else the folder does; the
 * digits in `Training_<digits>` are not row numbers, and pictures of different classes can share them (four of the
 * 28,709 do). Three layouts are told apart, because two of them cannot be compared with published numbers part by part.
 */
import type { Form, Misfit } from "../../definition.js";
import type { ExpectedInput } from "../../items.js";
import { DatasetError, expressionNamed, labelOf, type Expression } from "@fer/core";
import {
  checkNumbers,
  classFolders,
  classImages,
  classMisfit,
  leafNames,
  type ClassNames,
  type FolderMap,
} from "../../readers/class-folders.js";
import { COMMON_SPLITS, splitOf } from "../../readers/splits.js";
import type { Folder } from "../../tree/folder.js";
import { fileExtension, fileName, fileStem } from "../../tree/names.js";
import type { Split } from "@fer/core/image-folder";
import { CODES, MERGED_TEST, OFFICIAL, RESHUFFLED, USAGE } from "./constants.js";

/** Numbers of folders that someone sorted by name (`angry` 0 ... `surprise` 6): 4, 5 and 6 differ. */
const ALPHABETICAL = ["anger", "disgust", "fear", "happy", "neutral", "sad", "surprise"] as const;

const SPLIT_FOLDERS = {
  ...COMMON_SPLITS,
  publictest: "val",
  public: "val",
  privatetest: "test",
  private: "test",
} as const satisfies Record<string, Split>;

const PREFIX = /^(Training|PublicTest|PrivateTest)_/;

/** What folders mean, by option. */
export interface FolderOptions {
  numbers: "csv" | "alphabetical" | null;
  map?: FolderMap | undefined;
}

interface OwnForm {
  name: string;
  tree: string;
  expected: ExpectedInput[];
}

/** The forms, each by its layout. */
export const fer2013Folders: readonly Form<FolderOptions>[] = [
  folderForm({
    name: "folders",
    tree:
      "train/<class>/Training_<digits>.jpg\ntest/<class>/PublicTest_<digits>.jpg, PrivateTest_<digits>.jpg\n" +
      "or {Training,PublicTest,PrivateTest}/<class or 0..6>/*.png",
    expected: OFFICIAL,
  }),
  folderForm({
    name: "merged-test",
    tree: "train/<class>/*.jpg\ntest/<class>/*.jpg      both tests, names lost",
    expected: MERGED_TEST,
  }),
  folderForm({
    name: "reshuffled",
    tree: "train/<class>/<n>.jpg\nvalidation/<class>/<n>.jpg      a random split of its own, not the official one",
    expected: RESHUFFLED,
  }),
];

function folderForm({ name, tree, expected }: OwnForm): Form<FolderOptions> {
  return {
    name,
    tree,
    expected,
    detect(folder, options) {
      const layout = layoutOf(folder, options);
      return layout === name ? folder : layout === undefined && name === "folders" ? misfitOf(folder) : undefined;
    },
    async *read(folder, options) {
      yield* classFolders({
        images: classImages(folder, classNames(folder, options)),
        notes: options,
        // a name comes once in a class, and in four cases in two of them
        ownName: ({ file, expression }) =>
          PREFIX.test(fileName(file)) ? `${expression}/${fileStem(file)}` : undefined,
        read({ file, expression, label, above }) {
          const split = splitOfFile(file, above);
          if (split === undefined) return { reason: "unlabelled", detail: "no folder of a split above it" };
          const id = PREFIX.test(fileName(file)) ? fileStem(file) : `${label}__${fileStem(file)}`;
          return { id, distinction: fileExtension(file), expression, split, rawLabel: label };
        },
      });
    },
  };
}

function misfitOf(folder: Folder): Misfit | undefined {
  const images = classImages(folder, wordOf).filter(({ expression }) => expression !== undefined);
  if (images.length === 0) return classMisfit(folder);
  return {
    misses: `class folders are there (${[...new Set(images.map(({ label }) => `"${label}"`))].slice(0, 3).join(", ")}, ...), but no folder of a part above them (train, test, PublicTest, ...), and names do not begin with Training_, PublicTest_ or PrivateTest_`,
    near: 0.5,
  };
}

/** Which of the folder forms a tree is: prefixes or three parts are official, two parts without names are not. */
function layoutOf(folder: Folder, { map }: FolderOptions): string | undefined {
  const splits = new Set<string>();
  let numbered = true;
  const names: ClassNames = (label) => wordOf(label) ?? (/^\d$/.test(label) ? "neutral" : undefined);
  for (const { file, above, expression } of classImages(folder, map ?? names)) {
    if (expression === undefined) continue;
    if (PREFIX.test(fileName(file))) return "folders";
    const split = splitOf(above, SPLIT_FOLDERS);
    if (split !== undefined) splits.add(split);
    numbered &&= /^\d+$/.test(fileStem(file));
  }
  if (splits.size === 2 && splits.has("train") && splits.has("test")) return "merged-test";
  if (splits.size === 2 && splits.has("train") && numbered) return "reshuffled";
  return splits.size > 0 ? "folders" : undefined;
}

const splitOfFile = (file: string, above: readonly string[]): Split | undefined =>
  USAGE.get(PREFIX.exec(fileName(file))?.[1] ?? "") ?? splitOf(above, SPLIT_FOLDERS);

/** A class that FER2013 has. */
const wordOf = (label: string): Expression | undefined => {
  const expression = expressionNamed(label);
  return expression === "contempt" ? undefined : expression;
};

/** Words, or numbers where the tree has them: by option, or by the class totals where these leave no doubt. */
function classNames(folder: Folder, options: FolderOptions): ClassNames | FolderMap {
  if (options.map !== undefined) return options.map;
  const digits = (order: readonly Expression[]) => (label: string) =>
    /^\d$/.test(label) ? order[Number(label)] : undefined;
  const orders = { csv: digits(CODES), alphabetical: digits(ALPHABETICAL) };
  const either: ClassNames = (label) => wordOf(label) ?? orders.csv(label);
  const isNumber = (label: string | null) => /^\d$/.test(label ?? "");
  if (!classImages(folder, either).some(({ label }) => isNumber(label))) return wordOf;
  const fits = (named: ClassNames) =>
    OFFICIAL.some(({ split, counts }) => {
      const found = [0, 0, 0, 0, 0, 0, 0];
      for (const { file, expression, above } of classImages(folder, named)) {
        if (expression !== undefined && splitOfFile(file, above) === split) found[labelOf(expression)]! += 1;
      }
      return counts!.every((n, label) => n === found[label]);
    });
  const numbers = leafNames(folder);
  const codes = Object.fromEntries((options.numbers === "alphabetical" ? ALPHABETICAL : CODES).entries());
  if (options.numbers !== null) checkNumbers({ adapter: "fer2013", root: folder.root, numbers, codes, isStated: true });
  const order = options.numbers ?? (["csv", "alphabetical"] as const).find((name) => fits(orders[name]));
  if (order !== undefined) return (label) => wordOf(label) ?? orders[order](label);
  throw new DatasetError({
    code: "NUMBERED_FOLDERS",
    subject: "fer2013",
    found: "class folders named by numbers, which mean different classes in different copies",
    expected: "class names, or a complete split whose class totals tell what the numbers mean",
    fix: "Pass --numbers csv (4 sad, 5 surprise, 6 neutral) or --numbers alphabetical (4 neutral, 5 sad, 6 surprise), or say what each means with --map 0=...,1=...",
  });
}
