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
export function dhash(grey: GreyPixels): string {
  const cells = areaSums(grey, { columns: 9, rows: 8 });
  let hex = "";
  for (let row = 0; row < 8; row++) {
    let byte = 0;
    for (let column = 0; column < 8; column++) {
      byte = (byte << 1) | (cells[row * 9 + column]! > cells[row * 9 + column + 1]! ? 1 : 0);
    }
    hex += byte.toString(16).padStart(2, "0");
  }
  return hex;
}
