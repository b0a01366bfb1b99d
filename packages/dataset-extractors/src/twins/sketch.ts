/**
 * What is kept of a picture to find others of the same photo: a small picture, and difference hashes of it and of nine
 * windows in it, so that a cut of the picture has a hash near one of them.
 *
 *     [SIDE, SIDE] uint8      mean grey levels, stretched to 0..255; all 0 where the picture is blank
 *     [WINDOWS, 8] uint8      64-bit difference hash of each window
 */
import type { GreyPicture } from "@fer/core/pixels";
import { DIFFERENCE_CELLS, differenceBytes } from "@fer/core/twins";

/** Side of the small picture. */
export const SIDE = 24;

/** Squares in the unit square: the whole picture, then nine that leave out 8 % of each side. */
export const WINDOWS: readonly { x: number; y: number; side: number }[] = [
  { x: 0, y: 0, side: 1 },
  ...[0, 0.04, 0.08].flatMap((y) => [0, 0.04, 0.08].map((x) => ({ x, y, side: 0.92 }))),
];

/** Bytes of a sketch. */
export const SKETCH_BYTES = SIDE * SIDE + 8 * WINDOWS.length;

/** Largest difference of grey levels of a small picture in which nothing is to be seen. */
const BLANK_RANGE = 12;

/** @returns `SKETCH_BYTES` bytes */
export function sketchOf(grey: GreyPicture): Uint8Array<ArrayBuffer> {
  const sketch = new Uint8Array(SKETCH_BYTES);
  const sums = integral(grey);
  const small = gridSums(sums, { ...WINDOWS[0]!, columns: SIDE, rows: SIDE });
  const area = (grey.width * grey.height) / (SIDE * SIDE);
  let low = Infinity;
  let high = 0;
  for (let i = 0; i < small.length; i++) {
    low = Math.min(low, small[i]!);
    high = Math.max(high, small[i]!);
  }
  if ((high - low) / area <= BLANK_RANGE) return sketch;
  for (let i = 0; i < small.length; i++) sketch[i] = Math.round((255 * (small[i]! - low)) / (high - low));
  for (const [w, window] of WINDOWS.entries()) {
    const cells = gridSums(sums, { ...window, ...DIFFERENCE_CELLS });
    sketch.set(differenceBytes(cells), SIDE * SIDE + 8 * w);
  }
  return sketch;
}

/** Sums of the grey levels above and to the left of each corner of a pixel, `[height + 1, width + 1]`. */
interface Integral {
  width: number;
  height: number;
  sums: Float64Array;
}

function integral({ width, height, data }: GreyPicture): Integral {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let line = 0;
    for (let x = 0; x < width; x++) {
      line += data[y * width + x]!;
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + line;
    }
  }
  return { width, height, sums };
}

/** A grid laid over a window. */
interface Grid {
  x: number;
  y: number;
  side: number;
  columns: number;
  rows: number;
}

/** Sums under the cells of a grid, `[rows, columns]`; pixels on a border count by the part inside. */
function gridSums({ width, height, sums }: Integral, { x, y, side, columns, rows }: Grid): Float64Array {
  const stride = width + 1;
  const across = corners(columns, { from: x, side, size: width });
  const down = corners(rows, { from: y, side, size: height });
  // sums left of each corner of a row of corners; between the corners of a pixel the integral is bilinear: this is exact
  let upper = new Float64Array(columns + 1);
  let lower = new Float64Array(columns + 1);
  const cells = new Float64Array(rows * columns);
  for (let r = 0; r <= rows; r++) {
    [upper, lower] = [lower, upper];
    const at = Math.min(Math.floor(down[r]!), height - 1);
    const fy = down[r]! - at;
    for (let c = 0; c <= columns; c++) {
      const left = Math.min(Math.floor(across[c]!), width - 1);
      const fx = across[c]! - left;
      const i = at * stride + left;
      const above = sums[i]! + fx * (sums[i + 1]! - sums[i]!);
      const below = sums[i + stride]! + fx * (sums[i + stride + 1]! - sums[i + stride]!);
      lower[c] = above + fy * (below - above);
    }
    if (r === 0) continue;
    for (let c = 0; c < columns; c++)
      cells[(r - 1) * columns + c] = lower[c + 1]! - lower[c]! - upper[c + 1]! + upper[c]!;
  }
  return cells;
}

/** Where the lines of a grid lie, in pixels. */
function corners(cells: number, { from, side, size }: { from: number; side: number; size: number }): Float64Array {
  const lines = new Float64Array(cells + 1);
  for (let i = 0; i <= cells; i++) lines[i] = Math.min((from + (side * i) / cells) * size, size);
  return lines;
}
