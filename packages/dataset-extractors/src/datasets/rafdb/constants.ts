/** Codes and totals of RAF-DB's basic set. */
import type { ExpectedInput } from "../../adapter.js";
import type { Expression } from "@fer/core";

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

/** Owner's codes 1..11 of the compound set: how, and what (3 is "sadly fearful"). */
export const COMPOUND: readonly (readonly [Expression, Expression] | undefined)[] = [
  undefined,
  ["happy", "surprise"],
  ["happy", "disgust"],
  ["sad", "fear"],
  ["sad", "anger"],
  ["sad", "surprise"],
  ["sad", "disgust"],
  ["fear", "anger"],
  ["fear", "surprise"],
  ["anger", "surprise"],
  ["anger", "disgust"],
  ["disgust", "surprise"],
];

export const COMPOUND_TOTALS: ExpectedInput[] = [
  { split: "train", mark: "2", total: 3162 },
  { split: "test", mark: "2", total: 792 },
];
