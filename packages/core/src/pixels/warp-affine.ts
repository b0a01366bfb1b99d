/**
 * A picture under an affine transform, bilinear, black outside. Coordinates in 32nds of a pixel and integer weights, bit for
 * bit OpenCV's classic `warpAffine(image, matrix, size, INTER_LINEAR)`.
 */
import type { Picture } from "./picture.js";
import { roundHalfEven } from "./round-half-even.js";

/** `[[a, b, c], [d, e, f]]` as six numbers: `(x, y) -> (a x + b y + c, d x + e y + f)`. */
export type AffineMatrix = readonly [number, number, number, number, number, number];

/** The picture under a transform, `side x side` pixels. */
export function warpAffine(picture: Picture, { matrix, side }: { matrix: AffineMatrix; side: number }): Picture {
  const { width, height, channels, data } = picture;
  const [a, b, c, d, e, f] = inverse(matrix);
  const out = new Uint8Array(side * side * channels);
  // oxlint-disable-next-line max-params -- numeric inner loop
  const pixel = (x: number, y: number, channel: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : data[(y * width + x) * channels + channel]!;
  for (let y = 0; y < side; y++) {
    const x0 = roundHalfEven((b * y + c) * 1024) + 16;
    const y0 = roundHalfEven((e * y + f) * 1024) + 16;
    for (let x = 0; x < side; x++) {
      const u = (x0 + roundHalfEven(a * x * 1024)) >> 5;
      const v = (y0 + roundHalfEven(d * x * 1024)) >> 5;
      const [column, row, right, down] = [u >> 5, v >> 5, u & 31, v & 31];
      for (let channel = 0; channel < channels; channel++) {
        const top = (32 - right) * pixel(column, row, channel) + right * pixel(column + 1, row, channel);
        const bottom = (32 - right) * pixel(column, row + 1, channel) + right * pixel(column + 1, row + 1, channel);
        out[(y * side + x) * channels + channel] = ((32 - down) * top + down * bottom + 512) >> 10;
      }
    }
  }
  return { width: side, height: side, channels, data: out };
}

/** From the result back to the picture. */
export function inverse([a, b, c, d, e, f]: AffineMatrix): AffineMatrix {
  const scale = 1 / (a * e - b * d);
  const [ia, ib, id, ie] = [e * scale, -b * scale, -d * scale, a * scale];
  return [ia, ib, -ia * c - ib * f, id, ie, -id * c - ie * f];
}
