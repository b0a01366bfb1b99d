/**
 * CutMix (Yun et al. 2019): a rectangle of each picture of a batch is filled with the same place of another one of it,
 * and the labels are blended by area. Share and rectangle are drawn once a batch.
 */
import type { Random } from "@fer/core";
import { beta, type Mix } from "./mixup.js";

/** A rectangle of pixels; empty where a side is 0. */
interface Cut {
  top: number;
  left: number;
  height: number;
  width: number;
}

/**
 * Draws the rectangle that comes from the partner: its area is a share of Beta(alpha, alpha), its centre uniform in the
 * picture. What would lie outside is cut off.
 *
 * @param size Edge of the pictures.
 */
export function drawCut(size: number, { alpha, next }: { alpha: number; next: Random }): Cut {
  const side = Math.floor(size * Math.sqrt(1 - beta(alpha, next)));
  const span = (): [number, number] => {
    const from = Math.floor(next() * size) - Math.floor(side / 2);
    const start = Math.max(0, from);
    return [start, Math.min(size, from + side) - start];
  };
  const [top, height] = span();
  const [left, width] = span();
  return { top, left, height, width };
}

/** Share of a picture that stays. */
export const keptShare = ({ height, width }: Cut, size: number): number => 1 - (height * width) / size ** 2;

/** Pictures `[count, size, size, channels]` with the rectangle of their partners. */
export function cutRows(
  inputs: Uint8Array,
  { cut, partner, size }: Pick<Mix, "partner"> & { cut: Cut; size: number },
): Uint8Array {
  const length = inputs.length / partner.length;
  const channels = length / size ** 2;
  const mixed = inputs.slice();
  for (let row = 0; row < partner.length; row++) {
    for (let y = cut.top; y < cut.top + cut.height; y++) {
      const from = (y * size + cut.left) * channels;
      const other = partner[row]! * length + from;
      mixed.set(inputs.subarray(other, other + cut.width * channels), row * length + from);
    }
  }
  return mixed;
}
