/** Codes and totals of RAF-DB's basic set. */
import type { ExpectedInput } from "../../adapter.js";
import type { Expression } from "../../expressions.js";

/** Owner's codes 1..7; there is no 0. */
export const BASIC: readonly (Expression | undefined)[] = [
  undefined,
  "surprise",
  "fear",
  "disgust",
  "happy",
  "sad",
  "anger",
  "neutral",
];

export const BASIC_TOTALS: ExpectedInput[] = [
  { split: "train", mark: "V", counts: [2524, 705, 717, 281, 4772, 1982, 1290] },
  { split: "test", mark: "V", counts: [680, 162, 160, 74, 1185, 478, 329] },
];
