/**
 * Images sorted into folders named after their class: `[...]/happy/[...]/x.png`. A name counts only as a whole path
 * segment below the folder that was passed, never as a part of one ("unhappy_data"), and numbers mean nothing without a
 * map. Folders whose names mean nothing are named, with the class that is nearest.
 */
import { z } from "zod";
import { DatasetError, Expression, EXPRESSIONS, expressionNamed, nearest, OptionsError } from "@fer/core";
import type { Split } from "@fer/core/image-folder";
import type { Notes, Misfit } from "../definition.js";
import type { SampleInput, SkippedInput } from "../items.js";
import type { Folder } from "../tree/folder.js";
import { fileExtension, fileName, fileStem, folderOf } from "../tree/names.js";
import { COMMON_SPLITS, splitOf } from "./splits.js";

/** Folder name -> expression, for folders that are not named after an expression. */
export const FolderMap = z
  .record(z.string(), Expression)
  .describe("what each folder means, e.g. 0=anger,1=disgust; only these folders are read then");
export type FolderMap = z.infer<typeof FolderMap>;

/** One image of the tree, and what its path says. */
export interface ClassImage {
  file: string;
  /** `undefined` where no folder above names a class. */
  expression: Expression | undefined;
  /** The folder name that told the class, as written. */
  label: string | null;
  /** The split that a folder above names, if any. */
  split: Split | undefined;
  /** Path without the split's folder and the extension, which is unique (see {@link classImages}). */
  name: string;
  /** Folders above the class folder (all folders where there is none), outermost first. */
  above: string[];
}

/** An image in a class folder. */
export type LabelledImage = ClassImage & { expression: Expression; label: string };

/** What a folder name means, where a fixed map does not say it. */
export type ClassNames = (folder: string) => Expression | undefined;

/** What an image says: a sample (its file is filled in), or a skip. */
export type ImageReading = Omit<SampleInput, "image" | "source"> | Omit<SkippedInput, "source">;

/** How class folders are read. */
export interface ClassFolders {
  images: readonly ClassImage[];
  notes: Notes;
  /**
   * The name that the owner gave an image, where he gives no two the same: a second image of that name is left out, and
   * both if they lie in different classes.
   */
  ownName?(image: LabelledImage): string | undefined;
  /** Why an image in no class folder has none, where that is as it should be (an unlabelled test part). */
  unlabelled?(image: ClassImage): string | undefined;
  read(image: LabelledImage): ImageReading | Promise<ImageReading>;
}

/** Samples and skips of images in class folders, in their order; what lies in no class folder is a skip. */
export async function* classFolders({
  images,
  notes,
  ownName,
  unlabelled,
  read,
}: ClassFolders): AsyncGenerator<SampleInput | SkippedInput> {
  const strangers = new Map<string, number>();
  const doubles = ownName === undefined ? undefined : doublesOf(images, ownName);
  for (const image of images) {
    const { file, expression, label } = image;
    if (expression === undefined || label === null) {
      const expected = unlabelled?.(image);
      if (expected !== undefined) {
        yield { source: file, reason: "unlabelled", detail: expected };
        continue;
      }
      const folder = fileName(folderOf(file));
      if (folder !== "" && splitOf([folder], COMMON_SPLITS) === undefined)
        strangers.set(folder, (strangers.get(folder) ?? 0) + 1);
      const near = nearestClass(folder);
      const hint = near === undefined ? "" : ` ("${folder}" is near "${near}")`;
      yield { source: file, reason: "unlabelled", detail: `no folder above it names a class${hint}` };
      continue;
    }
    const double = doubles?.get(file);
    if (double !== undefined) {
      yield { source: file, reason: "invalid", detail: double };
      continue;
    }
    const pending = read(image as LabelledImage);
    const reading = pending instanceof Promise ? await pending : pending;
    if ("reason" in reading) yield { ...reading, source: file };
    else yield { ...reading, image: { file }, source: file };
  }
  for (const [folder, count] of strangers) {
    const near = nearestClass(folder);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    notes.warn(
      `the folder "${folder}" (${count} ${count === 1 ? "picture" : "pictures"}) is not named after a class${hint}`,
    );
  }
}

const withoutExtension = (file: string): string => `${folderOf(file)}/${fileStem(file)}`;

/**
 * Images whose owner's name another one has as well, and what is wrong with them; not those that lie side by side and
 * differ in their extension.
 */
function doublesOf(
  images: readonly ClassImage[],
  ownName: (image: LabelledImage) => string | undefined,
): Map<string, string> {
  const first = new Map<string, LabelledImage>();
  const doubles = new Map<string, string>();
  for (const image of images) {
    const name = image.expression === undefined ? undefined : ownName(image as LabelledImage);
    if (name === undefined) continue;
    const before = first.get(name);
    if (before === undefined) first.set(name, image as LabelledImage);
    else if (before.name !== image.name && withoutExtension(before.file) === withoutExtension(image.file)) continue;
    else {
      doubles.set(image.file, `"${before.file}" has the same name`);
      if (before.expression !== image.expression) doubles.set(before.file, `"${image.file}" has the same name`);
    }
  }
  return doubles;
}

/**
 * Every image of a folder in order. The folder nearest to the image decides its class. Where two files differ only in
 * their extension, it becomes part of `name` (`a.jpg`, `a.png` -> `a_jpg`, `a_png`).
 */
export function classImages(folder: Folder, map: FolderMap | ClassNames = expressionNamed): ClassImage[] {
  const classOf = namesOf(map);
  const images = folder.images().map((file) => {
    const segments = file.split("/").slice(0, -1);
    const at = segments.findLastIndex((segment) => classOf(segment) !== undefined);
    const splitAt = segments.findLastIndex((segment) => splitOf([segment], COMMON_SPLITS) !== undefined);
    const kept = segments.filter((_, i) => i !== splitAt);
    return {
      file,
      expression: at < 0 ? undefined : classOf(segments[at]!),
      label: at < 0 ? null : segments[at]!,
      above: at < 0 ? segments : segments.slice(0, at),
      split: splitAt < 0 ? undefined : splitOf([segments[splitAt]!], COMMON_SPLITS),
      name: [...kept, fileStem(file)].join("/"),
    };
  });
  const uses = new Map<string, number>();
  const key = (image: ClassImage) => `${image.split ?? ""}:${image.name.toLowerCase()}`;
  for (const image of images) uses.set(key(image), (uses.get(key(image)) ?? 0) + 1);
  for (const image of images) {
    if (uses.get(key(image)) !== 1) image.name += `_${fileExtension(image.file)}`;
  }
  return images;
}

const namesOf = (map: FolderMap | ClassNames): ClassNames =>
  typeof map === "function" ? map : (name) => (Object.hasOwn(map, name) ? map[name] : undefined);

/** The class folder nearest above a file of any kind: what it means, and its name as written. */
export function classFolder(
  file: string,
  named: ClassNames = expressionNamed,
): { expression: Expression; label: string } | undefined {
  const label = file
    .split("/")
    .slice(0, -1)
    .findLast((name) => named(name) !== undefined);
  return label === undefined ? undefined : { expression: named(label)!, label };
}

/** Words for the classes that a misspelt folder is compared with. */
const WORDS = [...EXPRESSIONS, "angry", "disgusted", "fearful", "happiness", "sadness", "surprised", "contemptuous"];

const NEGATION = /^(un|dis|non?|not)($|happy|neutral|afraid|angry|surprise|content)/;

/**
 * The class whose name is nearest to a folder's, if one is near: "Suprise" and "6_surprise" are near to surprise, but
 * "unhappy" and "not_happy" are not near to happy.
 */
function nearestClass(folder: string): Expression | undefined {
  const words = folder.toLowerCase().split(/[^\p{L}]+/u);
  if (words.some((word) => NEGATION.test(word))) return undefined;
  const whole = words.find((word) => word.length > 2 && expressionNamed(word) !== undefined);
  const [near] = whole === undefined ? nearest(words.join(""), WORDS) : [whole];
  return near === undefined || words.join("").length < 3 ? undefined : expressionNamed(near);
}

/** Why no folder with pictures is a class folder: the folders that there are, and the classes near to them. */
export function classMisfit(folder: Folder): Misfit {
  const names = [...leafNames(folder)].filter((name) => name !== "");
  if (names.length === 0) return { misses: "no folder holds pictures", near: 0 };
  const folders = names.slice(0, 8).map((name) => [name, nearestClass(name)] as const);
  const shown = folders.map(([name, near]) =>
    near === undefined ? `"${name}"` : `"${name}" (did you mean "${near}"?)`,
  );
  const hasNear = folders.some(([, near]) => near !== undefined);
  return {
    misses: `no folder is named after a class; pictures lie in ${shown.join(", ")}${names.length > 8 ? ", ..." : ""}`,
    near: hasNear ? 0.6 : 0.1,
    ...(hasNear || names.some((name) => /\d/.test(name)) ? { folders } : {}),
  };
}

/** Names of folders that directly hold images. */
export function leafNames(folder: Folder): Set<string> {
  return new Set(folder.images().map((file) => file.split("/").at(-2) ?? ""));
}

const NUMBER = /^\d\d?$/;

/** Whether all images lie in folders with one-digit (or two-digit) names. */
export function isNumbered(folder: Folder): boolean {
  const names = leafNames(folder);
  return names.size > 0 && [...names].every((name) => NUMBER.test(name));
}

/** The error for numbered folders without a map: a digit means another class in every dataset. */
export function mapNeeded(adapter: string, folder: Folder): OptionsError {
  const names = [...leafNames(folder)].sort((a, b) => Number(a) - Number(b));
  return new OptionsError({
    code: "MAP_NEEDED",
    subject: adapter,
    found: `"${folder.root}" has numbered folders (${names.join(", ")}), and numbers mean other classes in other copies`,
    expected: "a map from folder to expression",
    fix: `Pass one, for example --map ${names.map((name) => `${name}=...`).join(",")}`,
    context: { names },
  });
}

/** Numbers by which a copy calls its classes, and what the owner's numbers are. */
export interface NumberedClasses {
  adapter: string;
  /** Folder, for the message. */
  root: string;
  /** The numbers that the copy uses: names of folders, labels of a csv. */
  numbers: Iterable<string>;
  /** The owner's table, `code -> expression`. */
  codes: Readonly<Record<string, Expression>>;
  /** Whether the user said that they are these: then only foreign ones are refused. */
  isStated?: boolean;
}

/**
 * Makes sure that the numbers of a copy can only be the owner's codes: none of them is foreign, and the highest or the
 * lowest code is among them (a copy that counts from 0 where the owner counts from 1 lacks the highest).
 *
 * @throws DatasetError which says how to map them.
 */
export function checkNumbers({ adapter, root, numbers, codes, isStated = false }: NumberedClasses): void {
  const seen = [...new Set([...numbers].filter((name) => NUMBER.test(name)))].sort((a, b) => Number(a) - Number(b));
  if (seen.length === 0) return;
  const known = Object.keys(codes);
  const foreign = seen.filter((name) => !Object.hasOwn(codes, name));
  const [first, last] = [known[0]!, known.at(-1)!];
  if (foreign.length === 0 && (isStated || seen.includes(first === "0" ? first : last))) return;
  const owner = known.map((code) => `${code}=${codes[code]!}`).join(",");
  throw new DatasetError({
    code: "OTHER_NUMBERS",
    subject: adapter,
    found: `"${root}" has classes numbered ${seen.join(", ")}`,
    expected:
      foreign.length > 0
        ? `the owner's codes ${first} to ${last}: these are numbered otherwise, and every label could be wrong`
        : `the owner's codes ${first} to ${last}, among them ${first === "0" ? first : last}: without it, they could as well be counted from ${first === "0" ? "1" : "0"}`,
    fix: `Say what they mean with --map ${seen.map((name) => `${name}=...`).join(",")}; the owner's are ${owner}`,
    context: { seen, codes },
  });
}
