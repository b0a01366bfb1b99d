/**
 * What a picture file says before anything is decoded: its real format (never its extension), its size (a 200-byte file
 * can claim 30,000 x 30,000 pixels), how it is to be turned, and what would keep it from being copied as it is.
 */
import { boxesHeader } from "./headers/avif.js";
import { bmpHeader } from "./headers/bmp.js";
import { foreignKind } from "./headers/foreign.js";
import { gifHeader } from "./headers/gif.js";
import { jpegHeader } from "./headers/jpeg.js";
import { tiffHeader } from "./headers/tiff.js";
import { webpHeader } from "./headers/webp.js";
import { netpbmHeader } from "./netpbm.js";
import { pngHeader } from "./read-png.js";
import type { FoundHeader, ImageHeader } from "./headers/found-header.js";

/** Pixels above which a picture is refused: four times what a good camera takes. */
export const MAX_PIXELS = 100_000_000;

const READERS = [
  jpegHeader,
  pngHeader,
  gifHeader,
  bmpHeader,
  tiffHeader,
  webpHeader,
  boxesHeader,
  netpbmHeader,
] as const;

/**
 * The header, or a phrase that says why the file is not a picture that can be read.
 *
 * @param takesFirst Whether the first frame of an animation will do, where it can be read (GIF, PNG).
 *
 * @example
 * ```ts
 * import { readHeader } from "@fer/dataset-extractors/image";
 *
 * console.log(readHeader(Buffer.from("<!DOCTYPE html>"))); // a web page, not an image
 * ```
 */
export function readHeader(bytes: Buffer, { takesFirst = false }: { takesFirst?: boolean } = {}): ImageHeader | string {
  if (bytes.length === 0) return "the file is empty (0 bytes)";
  const found = firstFound(bytes);
  if (typeof found === "string") return found;
  const { format, width, height, frames = 1, orientation = 1, colours = "usual" } = found;
  const isEnough = takesFirst && (format === "gif" || format === "png");
  if (frames > 1 && !isEnough) {
    const what = format === "tiff" ? "a TIFF" : "an animation";
    const unit = format === "tiff" ? "pages" : "frames";
    const count = frames === Infinity ? "several" : frames;
    return `${what} of ${count} ${unit}, not one picture: save the one that shows the expression`;
  }
  if (!(width > 0 && height > 0)) return `a ${format} of ${width} x ${height} pixels`;
  if (width * height > MAX_PIXELS) {
    return `${width} x ${height} pixels are more than the limit of ${MAX_PIXELS / 1e6} million`;
  }
  return { format, width, height, orientation, colours, ...(frames > 1 ? { frames } : {}) };
}

function firstFound(bytes: Buffer): FoundHeader | string {
  for (const read of READERS) {
    const found = read(bytes);
    if (found !== undefined) return found;
  }
  return foreignKind(bytes) ?? "not an image of a known format, or cut off within its header";
}
