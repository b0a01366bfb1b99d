/** Numbers as the report writes them. */
import { formatCount, formatEstimate, formatPercent } from "@fer/core";
import type { Intervals } from "@fer/core/run";

/** `0.8712` as `87.1%`, `null` as a dash. */
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? "–" : formatPercent(share);

/** A share with its interval, where there is one: `87.1% [85.0, 89.2]`; `null` as a dash. */
export const estimate = (
  share: number | null | undefined,
  interval: readonly [low: number, high: number] | null | undefined,
): string => (share === null || share === undefined ? "–" : formatEstimate(share, interval ?? undefined));

/** What the bootstrap drew: `3,589 images`, `23 people`. */
export const drawnUnits = (
  { units, unitCount }: Intervals,
  noun: readonly [one: string, many: string] = GROUPS,
): string => counted(unitCount, units === "images" ? "image" : noun);

const GROUPS = ["group", "groups"] as const;

/** A score over folds: `87.1% ± 2.3`. */
export const plusMinus = (spread: { mean: number; deviation: number } | undefined): string =>
  spread === undefined ? "–" : `${percent(spread.mean)} ± ${(spread.deviation * 100).toFixed(1)}`;

/** `12271` as `12,271`. */
export const count = (value: number): string => formatCount(value);

/** `1 image`, `2 images`; a noun of another plural is passed with it. */
export function counted(value: number, noun: string | readonly [one: string, many: string]): string {
  const [one, many] = typeof noun === "string" ? [noun, `${noun}s`] : noun;
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Difference of two shares in percentage points: `13.2 points above ridge`. */
export function points(difference: number, what: string): string {
  const text = Math.abs(difference * 100).toFixed(1);
  return text === "0.0" ? `the same as ${what}` : `${text} points ${difference > 0 ? "above" : "below"} ${what}`;
}
