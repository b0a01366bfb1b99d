/**
 * Covers a random rectangle with the picture's mean (Zhong et al. 2020, Random Erasing): the net must not rely on
 * one feature alone.
 */
import type { Augmentation } from "./augmentation.js";

/** Shortest and longest side of the rectangle as shares of the edge. */
const SIDES = { least: 0.15, most: 0.4 } as const;

/** Erases a rectangle in a share `rate` of the draws. */
export function erase(rate: number): Augmentation {
  return {
    name: "erase",
    paint({ pixels, size, channels }, next) {
      const hit = next() < rate;
      const side = () => Math.round(size * (SIDES.least + (SIDES.most - SIDES.least) * next()));
      const height = side();
      const width = side();
      const top = Math.floor(next() * (size - height + 1));
      const left = Math.floor(next() * (size - width + 1));
      if (!hit) return;
      let sum = 0;
      for (let i = 0; i < pixels.length; i++) sum += pixels[i]!;
      const mean = Math.round(sum / pixels.length);
      for (let y = top; y < top + height; y++) {
        pixels.fill(mean, (y * size + left) * channels, (y * size + left + width) * channels);
      }
    },
  };
}
