/**
 * A picture under an affine transform, where every pixel of the result is the mean over the part of the picture that it
 * shows: nothing is skipped where pictures get smaller. Outside the picture its edge pixels are repeated. Places are
 * continuous, the centre of the first pixel being at 0.5, 0.5.
 */
import type { Picture } from "./picture.js";
import { type AffineMatrix, inverse } from "./warp-affine.js";

/**
 * The picture under a transform, `side x side` pixels, same channels: the mean of a grid of bilinear samples, as many a
 * pixel as it covers pixels of the picture.
 *
 * @example
 * ```ts
 * import { warpArea } from "@fer/core/pixels";
 *
 * const picture = { width: 4, height: 4, channels: 1 as const, data: Uint8Array.from({ length: 16 }, (_, i) => i) };
 * console.log(warpArea(picture, { matrix: [0.5, 0, 0, 0, 0.5, 0], side: 2 }).data); // Uint8Array(4) [ 3, 5, 11, 13 ]
 * ```
 */
export function warpArea(picture: Picture, { matrix, side }: { matrix: AffineMatrix; side: number }): Picture {
  const { width, height, channels, data } = picture;
  const [a, b, c, d, e, f] = inverse(matrix);
  // pixels of the picture that a pixel of the result has on an edge
  const samples = Math.max(1, Math.ceil(Math.max(Math.hypot(a, d), Math.hypot(b, e)) - 1e-6));
  const step = 1 / samples;
  const out = new Uint8Array(side * side * channels);
  const sums = new Float64Array(channels);
  const [right, bottom] = [width - 1, height - 1];
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += channels) {
      sums.fill(0);
      for (let row = 0; row < samples; row++) {
        const v = y + (row + 0.5) * step;
        for (let column = 0; column < samples; column++) {
          const u = x + (column + 0.5) * step;
          const px = Math.min(Math.max(a * u + b * v + c - 0.5, 0), right);
          const py = Math.min(Math.max(d * u + e * v + f - 0.5, 0), bottom);
          const [left, top] = [Math.floor(px), Math.floor(py)];
          const [dx, dy] = [px - left, py - top];
          const first = (top * width + left) * channels;
          const next = left < right ? channels : 0;
          const below = top < bottom ? width * channels : 0;
          for (let channel = 0; channel < channels; channel++) {
            const i = first + channel;
            const upper = data[i]! + dx * (data[i + next]! - data[i]!);
            const lower = data[i + below]! + dx * (data[i + below + next]! - data[i + below]!);
            sums[channel]! += upper + dy * (lower - upper);
          }
        }
      }
      for (let channel = 0; channel < channels; channel++)
        out[at + channel] = Math.round(sums[channel]! / (samples * samples));
    }
  }
  return { width: side, height: side, channels, data: out };
}
