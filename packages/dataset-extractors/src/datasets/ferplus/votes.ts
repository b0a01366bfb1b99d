/** The ten votes of FER+ and the rules that make a class of them (Barsoum et al. 2016, and their published code). */
import { z } from "zod";
import type { ExpectedInput, SampleInput, SkippedInput } from "../../items.js";
import { labelOf, type Expression } from "@fer/core";
import { unknownCode } from "../../readers/codes.js";
import { OFFICIAL } from "../fer2013/constants.js";

/** Columns in the owners' order. */
export const VOTES = [
  "neutral",
  "happiness",
  "surprise",
  "sadness",
  "anger",
  "disgust",
  "fear",
  "contempt",
  "unknown",
  "NF",
] as const;

/** Class of each of the first eight columns. */
const CLASSES: readonly Expression[] = ["neutral", "happy", "surprise", "sad", "anger", "disgust", "fear", "contempt"];
const UNKNOWN = 8;

/** Where the class comes from. */
const Rule = z.enum(["majority", "arg-max", "fer2013"]);
type Rule = z.infer<typeof Rule>;
/** How votes make a class. */
type VoteRule = Exclude<Rule, "fer2013">;

export const FerPlusOptions = z.strictObject({
  rule: Rule.default("majority").describe(
    "How ten votes make a class: majority (the authors': single votes removed, then more than half), or arg-max (most votes, first wins); fer2013: every picture keeps the class that FER2013 gives it, with the votes beside it",
  ),
});
export type FerPlusOptions = z.infer<typeof FerPlusOptions>;

/** Kept images per rule and source, canonical order. */
export const VOTE_TOTALS: Record<Rule | "label-csv", ExpectedInput[]> = {
  majority: [
    { split: "train", mark: "V", counts: [8740, 2100, 119, 532, 7287, 3014, 3149, 119] },
    { split: "val", mark: "V", counts: [1182, 287, 24, 62, 865, 351, 415, 13] },
    { split: "test", mark: "V", counts: [1090, 273, 18, 83, 893, 384, 396, 16] },
  ],
  "arg-max": [
    { split: "train", mark: "V", counts: [10_309, 2467, 191, 652, 7528, 3515, 3562, 165] },
    { split: "val", mark: "V", counts: [1335, 319, 34, 74, 899, 412, 456, 24] },
    { split: "test", mark: "V", counts: [1262, 325, 23, 93, 928, 444, 444, 27] },
  ],
  fer2013: OFFICIAL,
  "label-csv": [
    { split: "train", mark: "V", counts: [8733, 2098, 116, 536, 7284, 3022, 3136, 120] },
    { split: "val", mark: "V", counts: [1180, 289, 25, 60, 862, 348, 411, 16] },
    { split: "test", mark: "V", counts: [1083, 269, 16, 86, 892, 382, 394, 15] },
  ],
};

/** Ten counts, or a phrase that says what was expected. */
function readVotes(cells: readonly string[]): number[] | string {
  const counts = cells.map((cell) => (/^\s*\d{1,3}\s*$/.test(cell) ? Number(cell) : Number.NaN));
  return counts.some(Number.isNaN) ? "ten numbers of votes" : counts;
}

/**
 * The class of ten votes.
 *
 * - `majority`: counts of 1 are set to 0; the largest of the rest must be more than half of their sum;
 * - `arg-max`: the largest count; the first of equal ones.
 *
 * A winner "unknown" or no majority is `unknown`, a winner NF is `no-face`.
 */
function classOfVotes(
  counts: readonly number[],
  rule: VoteRule,
): { expression: Expression } | { reason: "unknown" | "no-face" } {
  const heard = rule === "majority" ? counts.map((n) => (n <= 1 ? 0 : n)) : counts;
  const sum = heard.reduce((a, b) => a + b, 0);
  const most = Math.max(...heard);
  const winner = heard.indexOf(most);
  if (most === 0 || (rule === "majority" && most <= sum / 2) || winner === UNKNOWN) return { reason: "unknown" };
  const expression = CLASSES[winner];
  return expression === undefined ? { reason: "no-face" } : { expression };
}

/** Votes for the eight classes as shares in canonical order; `undefined` where all are for none of them. */
function sharesOf(counts: readonly number[]): number[] | undefined {
  const total = counts.slice(0, UNKNOWN).reduce((a, b) => a + b, 0);
  if (total === 0) return undefined;
  const votes = CLASSES.map(() => 0);
  for (const [column, name] of CLASSES.entries()) votes[labelOf(name)] = counts[column]! / total;
  return votes;
}

type VoteCells = Readonly<Record<(typeof VOTES)[number], string>>;

/** What a row of votes says: class, shares and votes as written, or a skip. */
export function labelled(
  values: VoteCells,
  { source, rule }: { source: string; rule: VoteRule },
): Pick<SampleInput, "expression" | "votes" | "rawLabel"> | Omit<SkippedInput, "source"> {
  const { counts, rawLabel } = countsOf(values, source);
  const result = classOfVotes(counts, rule);
  if ("reason" in result) return { reason: result.reason, detail: `votes ${rawLabel}` };
  return { ...result, votes: sharesOf(counts), rawLabel };
}

/** Shares and votes as written, beside a class that is not made of them. */
export function unjudged(values: VoteCells, source: string): Pick<SampleInput, "votes" | "rawLabel"> {
  const { counts, rawLabel } = countsOf(values, source);
  return { votes: sharesOf(counts), rawLabel };
}

function countsOf(values: VoteCells, source: string): { counts: number[]; rawLabel: string } {
  const rawLabel = VOTES.map((name) => values[name]).join(",");
  const counts = readVotes(VOTES.map((name) => values[name]));
  if (typeof counts === "string")
    throw unknownCode({ source, what: "the row of votes", found: rawLabel, expected: counts });
  return { counts, rawLabel };
}

/** The class with most votes; `undefined` where it is "unknown" or NF, or the votes cannot be read. */
export function mostVoted(values: VoteCells): Expression | undefined {
  const counts = VOTES.map((name) => Number(values[name]));
  return CLASSES[counts.indexOf(Math.max(...counts))];
}
