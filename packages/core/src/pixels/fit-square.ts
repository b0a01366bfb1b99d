/**
 * How an image of any shape becomes a square:
 *
 *     stretch  resize both sides on their own (what the original framework did: faces get wider or taller)
 *     pad      resize the longer side, black bars on both ends of the shorter one
 *     crop     cut the centre square, then resize
 */
import type { Fit } from "../set/schema.js";
import type { Picture } from "./picture.js";
import { crop } from "./crop.js";
import { paste } from "./paste.js";
import { resizeBilinear } from "./resize.js";

/**
 * The image as a `size` x `size` square, same channels.
 *
 * @example
 * ```ts
 * import { fitSquare } from "@fer/core/pixels";
 *
 * const wide = { width: 4, height: 2, channels: 1 as const, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
 * console.log(fitSquare(wide, { size: 2, fit: "crop" }).data); // Uint8Array(4) [ 2, 3, 6, 7 ]
 * ```
 */
export function fitSquare(image: Picture, { size, fit }: { size: number; fit: Fit }): Picture {
  const { width, height, channels } = image;
  const square = { width: size, height: size };
  if (width === height || fit === "stretch") return resizeBilinear(image, square);
  if (fit === "crop") {
    const side = Math.min(width, height);
    const x = Math.floor((width - side) / 2);
    const y = Math.floor((height - side) / 2);
    return resizeBilinear(crop(image, { x, y, width: side, height: side }), square);
  }
  const scale = size / Math.max(width, height);
  const within = (length: number) => Math.max(1, Math.round(length * scale));
  const inner = resizeBilinear(image, { width: within(width), height: within(height) });
  const out: Picture = { ...square, channels, data: new Uint8Array(size * size * channels) };
  paste(inner, { into: out, x: Math.floor((size - inner.width) / 2), y: Math.floor((size - inner.height) / 2) });
  return out;
}
