/**
 * Takes exposure and contrast out of an image: its grey levels get mean 128 and standard deviation 56, rounded and
 * clipped to 0..255. Done before augmentation and before prediction, on the raw pixels, so that the network's input
 * stays uint8; `model.json` says whether a model wants it.
 */
import { benchFor, type Picture } from "./pixels.js";

/** Standardises images `[count, size, size, channels]` in place; all channels of an image go together. */
export function standardize(images: Uint8Array, shape: Pick<Picture, "size" | "channels">): void {
  const bench = benchFor(shape);
  const length = bench.source.length;
  for (let from = 0; from < images.length; from += length) {
    const image = images.subarray(from, from + length);
    bench.source.set(image);
    bench.standardize();
    image.set(bench.source);
  }
}
