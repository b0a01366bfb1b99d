/**
 * Mixup (Zhang et al. 2018): each picture of a batch is blended with another one of it, and their labels with it. The
 * share is drawn once a batch from Beta(alpha, alpha).
 */
import type { Batch } from "@fer/tfjs-graph";
import { type Random, shuffle } from "@fer/core";

/** A blended copy of the batch; pixels stay whole grey levels, sample weights are blended too. */
export function mixup(batch: Batch, alpha: number, next: Random): Batch {
  const { inputs, labels, weights, count } = batch;
  const share = beta(alpha, next);
  const partner = shuffle(
    Uint32Array.from({ length: count }, (_, i) => i),
    next,
  );
  const blend = <T extends Uint8Array | Float32Array>(values: T, round: number): T => {
    const width = values.length / count;
    const out = values.slice() as T;
    for (let row = 0; row < count; row++) {
      const other = partner[row]! * width;
      for (let i = 0; i < width; i++) {
        const at = row * width + i;
        out[at] = values[at]! * share + values[other + i]! * (1 - share) + round;
      }
    }
    return out;
  };
  return {
    inputs: blend(inputs, inputs instanceof Uint8Array ? 0.5 : 0),
    labels: blend(labels, 0),
    count,
    ...(weights ? { weights: blend(weights, 0) } : {}),
  };
}

/** Beta(alpha, alpha) from two gamma variables. */
function beta(alpha: number, next: Random): number {
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
