/** Names that people give to the parts of a dataset: folders, cells of a list. */
import type { Split } from "@fer/core/image-folder";
import { fileName } from "../tree/names.js";

/** Spellings that mean the same in all datasets; compare by {@link splitOf}. */
export const COMMON_SPLITS = {
  train: "train",
  training: "train",
  trainset: "train",
  trainingset: "train",
  val: "val",
  valid: "val",
  validation: "val",
  valset: "val",
  validset: "val",
  validationset: "val",
  test: "test",
  testing: "test",
  testset: "test",
} as const satisfies Record<string, Split>;

/** The last of the names that `splits` knows; compared without case and the blanks, `-` and `_` in them. */
export function splitOf<Name extends string>(
  names: readonly string[],
  splits: Readonly<Record<string, Name>>,
): Name | undefined {
  const last = names.findLast((name) => Object.hasOwn(splits, keyOf(name)));
  return last === undefined ? undefined : splits[keyOf(last)];
}

const keyOf = (name: string) => name.toLowerCase().replaceAll(/[\s_-]/g, "");

const WORDS = /train(ing)?|valid(ation)?|val|test(ing)?|public|private|dev/g;

/** Whether two folders are parts of one dataset by their names: `train` and `test`, `FER2013Train` and `FER2013Valid`. */
export function areParts(one: string, two: string): boolean {
  const [a, b] = [one, two].map((dir) => keyOf(fileName(dir))) as [string, string];
  return (
    a !== b && a.replaceAll(WORDS, "") === b.replaceAll(WORDS, "") && a.match(WORDS) !== null && b.match(WORDS) !== null
  );
}
