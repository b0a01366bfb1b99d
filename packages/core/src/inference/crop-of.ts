import type { Picture } from "./pixels.js";

/** Where a square of the edge `crop` lies: its left upper corner, in pixels. */
export interface CropWindow {
  place: readonly [left: number, top: number];
  crop: number;
}

/** The square of a picture, `[crop, crop, channels]`. */
export function cropOf({ pixels, size, channels }: Picture, { place: [left, top], crop }: CropWindow): Uint8Array {
  const out = new Uint8Array(crop * crop * channels);
  for (let y = 0; y < crop; y++) {
    const from = ((top + y) * size + left) * channels;
    out.set(pixels.subarray(from, from + crop * channels), y * crop * channels);
  }
  return out;
}
