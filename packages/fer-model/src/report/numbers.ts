/** Numbers as the report writes them. */

/** `0.8712` as `87.1%`, `null` as a dash. */
export const percent = (share: number | null): string => (share === null ? "–" : `${(share * 100).toFixed(1)}%`);

/** `12271` as `12 271`, with a narrow space that does not break. */
export const count = (value: number): string => String(value).replaceAll(/\B(?=(\d{3})+$)/g, "\u202f");

/** `1 image`, `2 images`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** Difference of two shares in percentage points: `13.2 points above ridge`. */
export function points(difference: number, what: string): string {
  const text = Math.abs(difference * 100).toFixed(1);
  return text === "0.0" ? `the same as ${what}` : `${text} points ${difference > 0 ? "above" : "below"} ${what}`;
}
