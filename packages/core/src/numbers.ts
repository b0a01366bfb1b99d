/** Numbers as people read them, the same in tables, reports and charts. */

/** `0.8712` as `87.1%`. */
export const formatPercent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** `12271` as `12,271`; at most `digits` decimals. */
export const formatCount = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: digits });
