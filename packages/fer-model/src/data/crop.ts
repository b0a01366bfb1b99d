/** Where squares are cut out of pictures in training. */
import type { Random } from "@fer/core";

/** Draws the left upper corner of a square, every one alike (Krizhevsky et al. 2012). */
export function drawPlace(
  { size, crop }: { size: number; crop: number },
  next: Random,
): readonly [left: number, top: number] {
  const draw = (): number => Math.floor(next() * (size - crop + 1));
  return [draw(), draw()];
}
