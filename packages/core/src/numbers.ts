/** Numbers as people read them, the same in tables, reports and charts. */

/** `0.8712` as `87.1%`. */
export const formatPercent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** A share with its interval: `87.1% [85.0, 89.2]`; without one the share alone. */
export const formatEstimate = (share: number, interval: readonly [low: number, high: number] | undefined): string =>
  interval === undefined
    ? formatPercent(share)
    : `${formatPercent(share)} [${interval.map((end) => (100 * end).toFixed(1)).join(", ")}]`;

/** `12271` as `12,271`; at most `digits` decimals. */
export const formatCount = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: digits });
