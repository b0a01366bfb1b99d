/** Hashes that tell the same picture (exactly) and nearly the same picture, on 8-bit grey pixels. */
import { hash } from "node:crypto";
import type { GreyPicture } from "./picture.js";
import { areaSums } from "./resample/area-sums.js";

/**
 * sha256 (hex) of width and height (each 32-bit little-endian) and the grey pixels `[height, width]`, before any
 * resize. Two files of one picture in different lossless formats have the same hash.
 */
export function pixelHash({ width, height, data }: GreyPicture): string {
  const all = Buffer.allocUnsafe(8 + data.length);
  all.writeUInt32LE(width, 0);
  all.writeUInt32LE(height, 4);
  all.set(data, 8);
  return hash("sha256", all, "hex");
}

/**
 * 64-bit difference hash as 16 hex digits: the picture is averaged down to 9 x 8, and each bit says whether a cell is
 * brighter than its right neighbour (row by row, most significant first). Near duplicates differ in few bits.
 */
export function dhash(grey: GreyPicture): string {
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
