/** Codes and totals of RAF-DB's basic set. */
import type { ExpectedInput } from "../../items.js";
import type { Expression } from "@fer/core";

/** Owner's codes of the basic set; there is no 0. */
export const BASIC = {
  1: "surprise",
  2: "fear",
  3: "disgust",
  4: "happy",
  5: "sad",
  6: "anger",
  7: "neutral",
} as const satisfies Record<string, Expression>;

/** What an owner's code of the basic set means. */
export const basicClass = (code: string): Expression | undefined =>
  Object.hasOwn(BASIC, code) ? BASIC[code as unknown as keyof typeof BASIC] : undefined;

export const BASIC_TOTALS: ExpectedInput[] = [
  { split: "train", mark: "V", counts: [2524, 705, 717, 281, 4772, 1982, 1290] },
  { split: "test", mark: "V", counts: [680, 162, 160, 74, 1185, 478, 329] },
];

/** Owner's codes of the compound set: how, and what (3 is "sadly fearful"). */
export const COMPOUND: Readonly<Record<string, readonly [Expression, Expression]>> = {
  1: ["happy", "surprise"],
  2: ["happy", "disgust"],
  3: ["sad", "fear"],
  4: ["sad", "anger"],
  5: ["sad", "surprise"],
  6: ["sad", "disgust"],
  7: ["fear", "anger"],
  8: ["fear", "surprise"],
  9: ["anger", "surprise"],
  10: ["anger", "disgust"],
  11: ["disgust", "surprise"],
};

export const COMPOUND_TOTALS: ExpectedInput[] = [
  { split: "train", mark: "2", total: 3162 },
  { split: "test", mark: "2", total: 792 },
];
