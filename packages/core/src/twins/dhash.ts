/** The hash that tells nearly the same picture, on 8-bit grey pixels. */
import { areaSums, type GreyPixels } from "./area-sums.js";

/**
 * 64-bit difference hash as 16 hex digits: the picture is averaged down to 9 x 8, and each bit says whether a cell is
 * brighter than its right neighbour (row by row, most significant first). Near duplicates differ in few bits.
 *
 * @example
 * ```ts
 * import { dhash } from "@fer/core";
 *
 * const data = Uint8Array.from({ length: 72 }, (_, at) => 200 - (at % 9) * 10);
 * console.log(dhash({ width: 9, height: 8, data })); // ffffffffffffffff
 * ```
 */
export const dhash = (grey: GreyPixels): string =>
  Buffer.from(differenceBytes(areaSums(grey, DIFFERENCE_CELLS))).toString("hex");

/** Cells whose differences make the 64 bits of a hash. */
export const DIFFERENCE_CELLS = { columns: 9, rows: 8 } as const;

/** A byte a row of `[8, 9]` cells: whether a cell is more than its right neighbour, most significant bit first. */
export function differenceBytes(cells: ArrayLike<number>): Uint8Array {
  const { columns, rows } = DIFFERENCE_CELLS;
  const bytes = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns - 1; column++) {
      const at = row * columns + column;
      bytes[row] = (bytes[row]! << 1) | (cells[at]! > cells[at + 1]! ? 1 : 0);
    }
  }
  return bytes;
}
