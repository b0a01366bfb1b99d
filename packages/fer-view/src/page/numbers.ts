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
