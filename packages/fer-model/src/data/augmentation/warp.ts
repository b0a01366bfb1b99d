/**
 * One bilinear affine pass over a picture, in 16.16 fixed point. Positions outside of the picture take the nearest
 * edge pixel. About 4 ns a pixel in V8, so a batch of 512 at 48 x 48 costs some 5 ms.
 */
import type { Affine } from "./augmentation.js";

const ONE = 65536;

/**
 * Writes the warped picture.
 *
 * @param source `[size, size, channels]` uint8.
 * @param out The same shape; not the same memory.
 * @param map Output to input positions, see {@link Affine}.
 */
export function warp(source: Uint8Array, out: Uint8Array, size: number, channels: number, map: Affine): void {
  // Pixel centres: u = (2 x + 1) / size - 1.
  const [a, b, c, d, e, f] = map;
  const half = size / 2;
  const start = 0.5 - half;
  const x0 = Math.round((a * start + b * start + c * half + half - 0.5) * ONE);
  const y0 = Math.round((d * start + e * start + f * half + half - 0.5) * ONE);
  const ax = Math.round(a * ONE);
  const bx = Math.round(b * ONE);
  const dy = Math.round(d * ONE);
  const ey = Math.round(e * ONE);
  const last = size - 1;
  const line = size * channels;
  let at = 0;
  for (let row = 0; row < size; row++) {
    let px = x0 + row * bx;
    let py = y0 + row * ey;
    for (let column = 0; column < size; column++) {
      let x = px >> 16;
      let y = py >> 16;
      let fx = (px >> 8) & 255;
      let fy = (py >> 8) & 255;
      if (x < 0) {
        x = 0;
        fx = 0;
      } else if (x >= last) {
        x = last - 1;
        fx = 256;
      }
      if (y < 0) {
        y = 0;
        fy = 0;
      } else if (y >= last) {
        y = last - 1;
        fy = 256;
      }
      let p = y * line + x * channels;
      for (let channel = 0; channel < channels; channel++, p++) {
        const left = source[p]!;
        const lower = source[p + line]!;
        const top = (left << 8) + (source[p + channels]! - left) * fx;
        const bottom = (lower << 8) + (source[p + line + channels]! - lower) * fx;
        out[at++] = ((top << 8) + (bottom - top) * fy + 32768) >> 16;
      }
      px += ax;
      py += dy;
    }
  }
}
