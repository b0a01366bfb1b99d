/**
 * Images sorted into folders named after their class: `[...]/happy/[...]/x.png`. A name counts only as a whole path
 * segment below the folder that was passed, never as a part of one ("unhappy_data"), and numbers mean nothing without a map.
 */
import { z } from "zod";
import { OptionsError, Expression, expressionNamed } from "@fer/core";
import type { Split } from "@fer/core/image-folder";
import type { Folder } from "../tree/folder.js";

/** Folder name -> expression, for folders that are not named after an expression. */
export const FolderMap = z
  .record(z.string(), Expression)
  .describe("what each folder means, e.g. 0=anger,1=disgust; only these folders are read then");
export type FolderMap = z.infer<typeof FolderMap>;

/** Whole segments (lower case) that name a split. */
const SPLIT_NAMES = new Map<string, Split>([
  ["train", "train"],
  ["training", "train"],
  ["val", "val"],
  ["valid", "val"],
  ["validation", "val"],
  ["test", "test"],
  ["testing", "test"],
]);

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

/** What a folder name means, where a fixed map does not say it. */
export type ClassNames = (folder: string) => Expression | undefined;

/**
 * Every image of a folder in order. The folder nearest to the image decides its class. Where two files differ only in
 * their extension, it becomes part of `name` (`a.jpg`, `a.png` -> `a_jpg`, `a_png`).
 */
export function classImages(folder: Folder, map: FolderMap | ClassNames = expressionNamed): ClassImage[] {
  const classOf =
    typeof map === "function" ? map : (name: string) => (Object.hasOwn(map, name) ? map[name] : undefined);
  const images = folder.images().map((file) => {
    const segments = file.split("/").slice(0, -1);
    const at = segments.findLastIndex((segment) => classOf(segment) !== undefined);
    const splitAt = segments.findLastIndex((segment) => SPLIT_NAMES.has(segment.toLowerCase()));
    const kept = segments.filter((_, i) => i !== splitAt);
    return {
      file,
      expression: at < 0 ? undefined : classOf(segments[at]!),
      label: at < 0 ? null : segments[at]!,
      above: at < 0 ? segments : segments.slice(0, at),
      split: splitAt < 0 ? undefined : SPLIT_NAMES.get(segments[splitAt]!.toLowerCase()),
      name: [...kept, file.slice(file.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "")].join("/"),
    };
  });
  const uses = new Map<string, number>();
  const key = (image: ClassImage) => `${image.split ?? ""}:${image.name.toLowerCase()}`;
  for (const image of images) uses.set(key(image), (uses.get(key(image)) ?? 0) + 1);
  for (const image of images) {
    if (uses.get(key(image)) !== 1) image.name += `_${image.file.slice(image.file.lastIndexOf(".") + 1)}`;
  }
  return images;
}

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

/** Names of folders that directly hold images. */
export function leafNames(folder: Folder): Set<string> {
  return new Set(folder.images().map((file) => file.split("/").at(-2) ?? ""));
}

/** Whether all images lie in folders with one-digit (or two-digit) names. */
export function isNumbered(folder: Folder): boolean {
  const names = leafNames(folder);
  return names.size > 0 && [...names].every((name) => /^\d\d?$/.test(name));
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

/** The last of the folders that `splits` knows; names are compared without case and the blanks, `-` and `_` in them. */
export function splitOf<Name extends string>(
  folders: readonly string[],
  splits: Readonly<Record<string, Name>>,
): Name | undefined {
  const last = folders.findLast((name) => Object.hasOwn(splits, splitKey(name)));
  return last === undefined ? undefined : splits[splitKey(last)];
}

const splitKey = (name: string) => name.toLowerCase().replaceAll(/[\s_-]/g, "");
