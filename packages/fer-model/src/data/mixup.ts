/**
 * Mixup (Zhang et al. 2018): each picture of a batch is blended with another one of it, and their labels with it. The
 * share is drawn once a batch from Beta(alpha, alpha).
 */
import { type Random, shuffle } from "@fer/core";

/** What is blended with what. */
export interface Mix {
  /** Of a picture itself; its partner has the rest. */
  share: number;
  /** `[count]` row that each row is blended with. */
  partner: Uint32Array;
}

/** Draws the share and the partners of a batch. */
export function drawMix(count: number, { alpha, next }: { alpha: number; next: Random }): Mix {
  return { share: beta(alpha, next), partner: drawPartners(count, next) };
}

/** Draws the partners alone. */
export const drawPartners = (count: number, next: Random): Uint32Array =>
  shuffle(
    Uint32Array.from({ length: count }, (_, i) => i),
    next,
  );

/** Blended labels, or weights, of a batch. @param values `[count, ...]` row-major. */
export function mixValues(values: Float32Array, { share, partner }: Mix): Float32Array {
  const width = values.length / partner.length;
  return values.map((value, at) => {
    const other = partner[Math.floor(at / width)]! * width + (at % width);
    return value * share + values[other]! * (1 - share);
  });
}

/** Beta(alpha, alpha) from two gamma variables. */
export function beta(alpha: number, next: Random): number {
  const a = gamma(alpha, next);
  const b = gamma(alpha, next);
  return a / (a + b);
}

/** Gamma(shape, 1) by Marsaglia and Tsang 2000; shapes below 1 through shape + 1. */
function gamma(shape: number, next: Random): number {
  if (shape < 1) return gamma(shape + 1, next) * (1 - next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const v = (1 + c * normal) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - next()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
  }
}
