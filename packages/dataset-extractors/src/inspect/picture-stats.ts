/** Numbers that tell a spoiled picture: black, blank, blurred. Pure, on 8-bit grey pixels. */

import type { GreyPicture } from "@fer/core/pixels";

export interface PictureStats {
  min: number;
  max: number;
  mean: number;
  /** Standard deviation of the 4-neighbour Laplacian (OpenCV's `Laplacian`, ksize 1, border reflected): sharpness. */
  sharpness: number;
}

/** Brightest grey level of a picture that counts as black. */
const BLACK_LEVEL = 8;
/** Largest difference of grey levels of a picture that counts as blank. */
const BLANK_RANGE = 8;

export const isBlack = ({ max }: PictureStats): boolean => max <= BLACK_LEVEL;
/** Mean grey level below which a picture that is not black shows next to nothing. */
const DARK_MEAN = 20;

export const isDark = (stats: PictureStats): boolean => !isBlack(stats) && !isBlank(stats) && stats.mean < DARK_MEAN;
export const isBlank = (stats: PictureStats): boolean => !isBlack(stats) && stats.max - stats.min <= BLANK_RANGE;

/** The numbers of a picture. */
export function pictureStats({ width, height, data: grey }: GreyPicture): PictureStats {
  let min = 255;
  let max = 0;
  let sum = 0;
  let laplacianSum = 0;
  let laplacianSquares = 0;
  const mirrored = (i: number, n: number): number => (n === 1 ? 0 : i < 0 ? -i : i >= n ? 2 * n - 2 - i : i);
  for (let y = 0; y < height; y++) {
    const above = mirrored(y - 1, height) * width;
    const below = mirrored(y + 1, height) * width;
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const value = grey[row + x]!;
      if (value < min) min = value;
      if (value > max) max = value;
      sum += value;
      const laplacian =
        grey[above + x]! +
        grey[below + x]! +
        grey[row + mirrored(x - 1, width)]! +
        grey[row + mirrored(x + 1, width)]! -
        4 * value;
      laplacianSum += laplacian;
      laplacianSquares += laplacian * laplacian;
    }
  }
  const n = width * height;
  const mean = laplacianSum / n;
  return { min, max, mean: sum / n, sharpness: Math.sqrt(Math.max(0, laplacianSquares / n - mean * mean)) };
}
