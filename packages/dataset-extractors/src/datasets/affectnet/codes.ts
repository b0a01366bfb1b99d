/** Codes and totals of AffectNet, the same in all its editions. */
import type { ExpectedInput, SkippedInput } from "../../adapter.js";
import { EXPRESSIONS, type Expression } from "@fer/core";
import { unknownCode } from "../../readers/codes.js";
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

const TRAIN = [74_874, 24_882, 3803, 6378, 134_415, 25_459, 14_090, 3750];

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
 * The expression of a code, or the skip of a code outside of the eight.
 *
 * @throws FormatError for anything but 0..10.
 */
export function readCode(code: string, source: string): Expression | SkippedInput {
  const number = /^\s*\d{1,2}(\.0*)?\s*$/.test(code) ? Number(code) : -1;
  const expression = CODES[number];
  if (expression !== undefined) return expression;
  const outside = OUTSIDE[number - CODES.length];
  if (outside === undefined) throw unknownCode(source, "the expression", code, "a code from 0 to 10");
  return { source, reason: outside[0], detail: `expression ${code.trim()} (${outside[1]})` };
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
