/**
 * How an image of any shape becomes a square:
 *
 *     stretch  resize both sides on their own (what the original framework did: faces get wider or taller)
 *     pad      resize the longer side, black bars on both ends of the shorter one
 *     crop     cut the centre square, then resize
 */
import type { Fit } from "@fer/core/set";
import type { Picture } from "@fer/dataset-extractors";
import { resizeBilinear } from "./resize.js";

/**
 * The image as a `size` x `size` square, same channels.
 *
 * @example
 * ```ts
 * import { fitSquare } from "@fer/split-assembler";
 *
 * const wide = { width: 4, height: 2, channels: 1 as const, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
 * console.log(fitSquare(wide, 2, "crop").data); // Uint8Array(4) [ 2, 3, 6, 7 ]
 * ```
 */
export function fitSquare(image: Picture, size: number, fit: Fit): Picture {
  const { width, height } = image;
  if (width === height || fit === "stretch") return resizeBilinear(image, size, size);
  if (fit === "crop") {
    const side = Math.min(width, height);
    const x = Math.floor((width - side) / 2);
    const y = Math.floor((height - side) / 2);
    return resizeBilinear(cut(image, x, y, side), size, size);
  }
  const scale = size / Math.max(width, height);
  const inner = resizeBilinear(image, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  return centre(inner, size);
}

function cut({ width, channels, data }: Picture, x: number, y: number, side: number): Picture {
  const out = new Uint8Array(side * side * channels);
  for (let row = 0; row < side; row++) {
    const start = ((y + row) * width + x) * channels;
    out.set(data.subarray(start, start + side * channels), row * side * channels);
  }
  return { width: side, height: side, channels, data: out };
}

function centre({ width, height, channels, data }: Picture, size: number): Picture {
  const out = new Uint8Array(size * size * channels);
  const x = Math.floor((size - width) / 2);
  const y = Math.floor((size - height) / 2);
  for (let row = 0; row < height; row++) {
    out.set(data.subarray(row * width * channels, (row + 1) * width * channels), ((y + row) * size + x) * channels);
  }
  return { width: size, height: size, channels, data: out };
}
