/** The hash that tells the same picture, on 8-bit grey pixels; `dhash` of @fer/core tells nearly the same. */
import { hash } from "node:crypto";
import type { GreyPicture } from "@fer/core/pixels";

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
