/** Numbers in words. */

/** `12,345` */
export const count = (value: number): string => value.toLocaleString("en-US");

/** `61.2 %`; a dash where it is not known. */
export const percent = (share: number | null | undefined): string =>
  share == null ? "–" : `${(share * 100).toFixed(1)} %`;

/** Three places. */
export const decimal = (value: number | null | undefined): string => (value == null ? "–" : value.toFixed(3));

/** Four figures, as of learning rates. */
export const figure = (value: number): string => String(Number(value.toPrecision(4)));

/** `60 %`, on axes. */
export const wholePercent = (share: number): string => `${Math.round(share * 100)} %`;

/** `61.2 % [59.8, 62.7]` */
export const within = (value: number | null | undefined, interval?: readonly [number, number] | null): string =>
  interval == null
    ? percent(value)
    : `${percent(value)} [${(interval[0] * 100).toFixed(1)}, ${(interval[1] * 100).toFixed(1)}]`;

/** `+1.2 [-0.3, 2.6]`, in points. */
export const points = ({ value, low, high }: { value: number; low: number; high: number }): string => {
  const of = (share: number): string => (100 * share).toFixed(1);
  return `${value > 0 ? "+" : ""}${of(value)} [${of(low)}, ${of(high)}]`;
};

/** `0.021`, `< 0.001`: probabilities of chance. */
export const chance = (p: number): string => (p < 0.001 ? "< 0.001" : p.toFixed(3));
