import type { Picture } from "@fer/core/pixels";

/**
 * The picture as it is meant to be seen: mirrored and turned by its EXIF orientation (1..8; Exif 2.32, tag 0x0112).
 * Orientations 5 to 8 exchange width and height.
 */
export function turnUpright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const { width, height, channels, data } = picture;
  const swap = orientation >= 5;
  const w = swap ? height : width;
  const h = swap ? width : height;
  const right = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8;
  const down = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7;
  const out = new Uint8Array(data.length);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const a = swap ? y : x;
      const b = swap ? x : y;
      const from = ((down ? height - 1 - b : b) * width + (right ? width - 1 - a : a)) * channels;
      const to = (y * w + x) * channels;
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
    }
  }
  return { width: w, height: h, channels, data: out };
}
