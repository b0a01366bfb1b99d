/**
 * Bilinear resize of 8-bit images, equal to OpenCV's `resize(image, (w, h))` with its default INTER_LINEAR
 * (modules/imgproc/src/resize.cpp): pixel centres at (x + 0.5) * scale - 0.5 in single precision, 11-bit
 * coefficients, 4 bits dropped between the passes, and a 2x2 mean where both sides are exactly halved. Like OpenCV it
 * does not smooth before shrinking: at larger ratios pixels are skipped.
 */
import type { Picture } from "./picture.js";
import { roundHalfEven } from "./round-half-even.js";

const COEFFICIENT = 2048;

/** For each output position: the lower of its two source positions, and the weights of both (sum about 2048). */
interface Taps {
  first: Int32Array;
  second: Int32Array;
  weight0: Int32Array;
  weight1: Int32Array;
}

/** Pixels across and down. */
export interface Size {
  width: number;
  height: number;
}

/**
 * The image at `width` x `height`, same channels.
 *
 * @example
 * ```ts
 * import { resizeBilinear } from "@fer/core/pixels";
 *
 * const image = { width: 2, height: 2, channels: 1 as const, data: Uint8Array.of(0, 100, 100, 200) };
 * console.log(resizeBilinear(image, { width: 1, height: 1 }).data); // Uint8Array(1) [ 100 ]
 * ```
 */
export function resizeBilinear(image: Picture, { width, height }: Size): Picture {
  if (image.width === width && image.height === height) return image;
  const { channels } = image;
  const data =
    image.width === 2 * width && image.height === 2 * height
      ? halve(image, { width, height })
      : interpolate(image, { width, height });
  return { width, height, channels, data };
}

/** Half the picture: the mean of each 2 x 2 block; of an odd side the last row or column falls away. */
export function halved(image: Picture): Picture {
  const size = { width: Math.max(1, image.width >> 1), height: Math.max(1, image.height >> 1) };
  return { ...size, channels: image.channels, data: halve(image, size) };
}

/** Mean of each 2x2 block: OpenCV takes INTER_AREA for this ratio. */
function halve({ data, channels, width: across }: Picture, { width, height }: Size): Uint8Array {
  const out = new Uint8Array(width * height * channels);
  const stride = across * channels;
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const i = 2 * y * stride + 2 * x * channels + c;
        out[at++] = (data[i]! + data[i + channels]! + data[i + stride]! + data[i + stride + channels]! + 2) >> 2;
      }
    }
  }
  return out;
}

function interpolate(image: Picture, { width, height }: Size): Uint8Array {
  const { data, channels } = image;
  const columns = horizontalTaps(image.width, width);
  const rows = verticalTaps(image.height, height);
  const out = new Uint8Array(width * height * channels);
  const length = width * channels;
  // The two source rows of an output row, resized horizontally; neighbouring output rows often share one.
  let upper = new Int32Array(length);
  let lower = new Int32Array(length);
  let upperRow = -1;
  let lowerRow = -1;
  const stretchRow = (row: number, into: Int32Array): void => {
    const start = row * image.width * channels;
    for (let x = 0, at = 0; x < width; x++) {
      const a = start + columns.first[x]! * channels;
      const b = start + columns.second[x]! * channels;
      const w0 = columns.weight0[x]!;
      const w1 = columns.weight1[x]!;
      for (let c = 0; c < channels; c++) into[at++] = data[a + c]! * w0 + data[b + c]! * w1;
    }
  };
  for (let y = 0; y < height; y++) {
    const first = rows.first[y]!;
    const second = rows.second[y]!;
    if (first !== upperRow) {
      if (first === lowerRow) {
        [upper, lower] = [lower, upper];
        [upperRow, lowerRow] = [lowerRow, upperRow];
      } else {
        stretchRow(first, upper);
        upperRow = first;
      }
    }
    if (second !== lowerRow) {
      if (second === upperRow) lower.set(upper);
      else stretchRow(second, lower);
      lowerRow = second;
    }
    const w0 = rows.weight0[y]!;
    const w1 = rows.weight1[y]!;
    for (let i = 0; i < length; i++) {
      // 2048 * 2048 * 255 fits 31 bits only after the 4 bits are dropped.
      out[y * length + i] = (((w0 * (upper[i]! >> 4)) >> 16) + ((w1 * (lower[i]! >> 4)) >> 16) + 2) >> 2;
    }
  }
  return out;
}

/** Columns outside of the image take the edge pixel with full weight. */
function horizontalTaps(from: number, to: number): Taps {
  const taps = emptyTaps(to);
  for (let x = 0; x < to; x++) {
    let { position, fraction } = sourceOf(x, from, to);
    if (position < 0) [position, fraction] = [0, 0];
    if (position >= from - 1) [position, fraction] = [from - 1, 0];
    taps.first[x] = position;
    taps.second[x] = Math.min(position + 1, from - 1);
    weigh(taps, x, fraction);
  }
  return taps;
}

/** Rows outside of the image are clamped, but keep their weights: this is where OpenCV's passes differ. */
function verticalTaps(from: number, to: number): Taps {
  const taps = emptyTaps(to);
  for (let y = 0; y < to; y++) {
    const { position, fraction } = sourceOf(y, from, to);
    taps.first[y] = Math.min(Math.max(position, 0), from - 1);
    taps.second[y] = Math.min(Math.max(position + 1, 0), from - 1);
    weigh(taps, y, fraction);
  }
  return taps;
}

function emptyTaps(length: number): Taps {
  return {
    first: new Int32Array(length),
    second: new Int32Array(length),
    weight0: new Int32Array(length),
    weight1: new Int32Array(length),
  };
}

/** Source position of an output position; the scale is a double, the rest single precision, as in OpenCV. */
// oxlint-disable-next-line max-params -- numeric inner loop
function sourceOf(at: number, from: number, to: number): { position: number; fraction: number } {
  const source = Math.fround((at + 0.5) * (1 / (to / from)) - 0.5);
  const position = Math.floor(source);
  return { position, fraction: Math.fround(source - position) };
}

// oxlint-disable-next-line max-params -- numeric inner loop
function weigh(taps: Taps, at: number, fraction: number): void {
  taps.weight0[at] = roundHalfEven(Math.fround(Math.fround(1 - fraction) * COEFFICIENT));
  taps.weight1[at] = roundHalfEven(Math.fround(fraction * COEFFICIENT));
}
