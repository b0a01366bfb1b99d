/** The numbers of FER2013 and FER+: owner's codes, split names, totals. */
import type { ExpectedInput } from "../../items.js";
import type { Split } from "@fer/core/image-folder";

/** Owner codes 0..6, also the names of numbered folders. */
export const CODES = ["anger", "disgust", "fear", "happy", "sad", "surprise", "neutral"] as const;

/** Usage -> split. */
export const USAGE: ReadonlyMap<string, Split> = new Map([
  ["Training", "train"],
  ["PublicTest", "val"],
  ["PrivateTest", "test"],
]);

const TRAIN = { split: "train", mark: "V", counts: [4965, 3995, 436, 4097, 7215, 4830, 3171] } as const;
/** The three official parts. */
export const OFFICIAL: ExpectedInput[] = [
  { ...TRAIN, counts: [...TRAIN.counts] },
  { split: "val", mark: "V", counts: [607, 467, 56, 496, 895, 653, 415] },
  { split: "test", mark: "V", counts: [626, 491, 55, 528, 879, 594, 416] },
];
/** Kaggle `test/`: PublicTest and PrivateTest together. */
export const MERGED_TEST: ExpectedInput[] = [
  OFFICIAL[0]!,
  { split: "test", mark: "V", counts: [1233, 958, 111, 1024, 1774, 1247, 831] },
];
/** The copy of jonathanoheix. */
export const RESHUFFLED: ExpectedInput[] = [
  { split: "train", mark: "1", counts: [4982, 3993, 436, 4103, 7164, 4938, 3205] },
  { split: "val", mark: "1", counts: [1216, 960, 111, 1018, 1825, 1139, 797] },
];
