/** Applies a list of augmentations to one picture. */
import type { Random } from "@fer/core";
import { type Augmentation, compose, IDENTITY } from "./augmentation.js";
import { warp } from "./warp.js";

/**
 * Writes the augmented picture.
 *
 * @param source `[size, size, channels]` uint8; left as it is.
 * @param out Where to write, the same shape; not the same memory.
 *
 * @example
 * ```ts
 * import { keyedRandom } from "@fer/core";
 * import { augment, flip, shift } from "@fer/model";
 *
 * const shape = { size: 48, channels: 1 };
 * const face = new Uint8Array(48 * 48).fill(128);
 * const changed = new Uint8Array(48 * 48);
 * augment([flip(), shift(0.1)], face, changed, shape, keyedRandom(1));
 * console.log(changed[0]); // 128
 * ```
 */
export function augment(
  augmentations: readonly Augmentation[],
  source: Uint8Array,
  out: Uint8Array,
  { size, channels }: { size: number; channels: number },
  next: Random,
): void {
  let map = IDENTITY;
  for (const { geometry } of augmentations) if (geometry) map = compose(map, geometry(next));
  if (map === IDENTITY) out.set(source);
  else warp(source, out, size, channels, map);
  for (const { paint } of augmentations) paint?.({ pixels: out, size, channels }, next);
}
