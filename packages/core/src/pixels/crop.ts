import type { Box } from "../image-folder/schema.js";
import type { Picture } from "./picture.js";

/**
 * The whole pixels of a box: grown by `margin` (part of its width and height, on each side), rounded, clipped to the
 * picture. `undefined` when nothing of it lies inside, or it is not a box (NaN, no area).
 */
export function clipBox(
  box: Box,
  { width, height, margin = 0 }: { width: number; height: number; margin?: number },
): { box: Box; clipped: boolean } | undefined {
  if (!(box.width > 0 && box.height > 0) || !Object.values(box).every(Number.isFinite)) return undefined;
  const left = Math.round(box.x - margin * box.width);
  const top = Math.round(box.y - margin * box.height);
  const right = Math.round(box.x + box.width + margin * box.width);
  const bottom = Math.round(box.y + box.height + margin * box.height);
  const x = Math.max(left, 0);
  const y = Math.max(top, 0);
  const inside = { x, y, width: Math.min(right, width) - x, height: Math.min(bottom, height) - y };
  if (inside.width <= 0 || inside.height <= 0) return undefined;
  return { box: inside, clipped: inside.width !== right - left || inside.height !== bottom - top };
}

/** Cuts whole pixels out: rows `y .. y + height`, columns `x .. x + width`. */
export function crop(picture: Picture, { x, y, width, height }: Box): Picture {
  const { channels } = picture;
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * picture.width + x) * channels;
    data.set(picture.data.subarray(from, from + width * channels), row * width * channels);
  }
  return { width, height, channels, data };
}
