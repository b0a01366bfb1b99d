/**
 * Takes exposure and contrast out of an image: its grey levels get mean 128 and standard deviation 56, rounded and
 * clipped to 0..255. Done before augmentation and before prediction, on the raw pixels, so that the network's input
 * stays uint8; `model.json` says whether a model wants it.
 */
import { STANDARDIZED } from "@fer/core/run";

/** Standardises images in place. @param images `[count, ...]`, 0..255; all channels of an image go together. */
export function standardize(images: Uint8Array, count: number): void {
  const length = images.length / count;
  const curve = new Uint8ClampedArray(256);
  for (let from = 0; from < images.length; from += length) {
    const image = images.subarray(from, from + length);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < length; i++) {
      sum += image[i]!;
      squares += image[i]! * image[i]!;
    }
    const mean = sum / length;
    const deviation = Math.sqrt(Math.max(0, squares / length - mean * mean));
    // An image of one grey level has nothing to stretch.
    const factor = deviation === 0 ? 0 : STANDARDIZED.deviation / deviation;
    for (let grey = 0; grey < 256; grey++) curve[grey] = (grey - mean) * factor + STANDARDIZED.mean;
    for (let i = 0; i < length; i++) image[i] = curve[image[i]!]!;
  }
}
