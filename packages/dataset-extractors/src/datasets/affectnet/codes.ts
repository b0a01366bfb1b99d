/** Codes and totals of AffectNet, the same in all its editions. */
import type { ExpectedInput } from "../../items.js";
import { EXPRESSIONS, type Expression } from "@fer/core";
import { meaningOf, type Meaning } from "../../readers/codes.js";
import type { SkipReason } from "@fer/core/image-folder";

/** Owner codes 0..7. */
export const CODES: readonly Expression[] = [
  "neutral",
  "happy",
  "sad",
  "surprise",
  "fear",
  "disgust",
  "anger",
  "contempt",
];

/** Owner codes 8..10: None is not neutral. */
const OUTSIDE: readonly (readonly [SkipReason, string])[] = [
  ["none", "None"],
  ["uncertain", "Uncertain"],
  ["no-face", "Non-Face"],
];

/** Images per class of the training list, canonical order. */
export const TRAIN = [74_874, 24_882, 3803, 6378, 134_415, 25_459, 14_090, 3750];

/** Manual part of 2017 and of AffectNet+. */
export const MANUAL_TOTALS: ExpectedInput[] = [
  { split: "train", mark: "2", counts: TRAIN },
  { split: "val", mark: "2", counts: EXPRESSIONS.map(() => 500) },
];

/** 2021: the first row of the validation list, a contempt, was lost. */
export const NPY_TOTALS: ExpectedInput[] = [
  { split: "train", mark: "2", counts: TRAIN },
  { split: "val", mark: "V", counts: EXPRESSIONS.map((name) => (name === "contempt" ? 499 : 500)) },
];

/** Machine-labelled part of 2017. */
export const AUTOMATIC_TOTALS: ExpectedInput[] = [
  { split: "all", mark: "1", counts: [143_142, 28_000, 890, 3799, 246_235, 20_854, 17_462, 2] },
];

/**
 * What a code means: an expression, or why it is none.
 *
 * @throws FormatError for anything but 0..10 (an empty cell or `NaN` is an item without a label).
 */
export function readCode(cell: string, source: string): Meaning {
  const table = (code: string): Meaning | undefined => {
    const number = /^\d{1,2}(\.0*)?$/.test(code) ? Number(code) : -1;
    const outside = OUTSIDE[number - CODES.length];
    return CODES[number] ?? (outside && { reason: outside[0], detail: `expression ${code} (${outside[1]})` });
  };
  return meaningOf({ source, what: "the expression", cell, table, expected: "a code from 0 to 10" });
}

/** Valence or arousal in [-1, 1]; -2 and anything else mean "not annotated". */
export function affect(value: unknown): number | null {
  const number =
    typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : NaN;
  return number >= -1 && number <= 1 ? number : null;
}

/** 136 numbers `x, y, x, y, ...` as 68 points, or `null`. */
export function landmarks(numbers: readonly number[]): [number, number][] | null {
  if (numbers.length !== 136 || !numbers.every(Number.isFinite)) return null;
  return Array.from({ length: 68 }, (_, i) => [numbers[2 * i]!, numbers[2 * i + 1]!]);
}
