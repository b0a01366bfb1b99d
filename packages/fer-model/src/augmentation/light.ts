/** Changes contrast about the picture's mean, and brightness: exposure says nothing about an expression. */
import { symmetric } from "../random.js";
import type { Augmentation } from "./augmentation.js";

/** Contrast by a factor in `1 - contrast .. 1 + contrast`, then brightness by up to `brightness` of the range 0..255. */
export function light({ contrast, brightness }: { contrast: number; brightness: number }): Augmentation {
  return {
    name: "light",
    paint({ pixels }, next) {
      const factor = 1 + symmetric(next) * contrast;
      const offset = symmetric(next) * brightness * 255;
      let sum = 0;
      for (let i = 0; i < pixels.length; i++) sum += pixels[i]!;
      const mean = sum / pixels.length;
      for (let i = 0; i < pixels.length; i++) {
        const value = (pixels[i]! - mean) * factor + mean + offset;
        pixels[i] = value < 0 ? 0 : value > 255 ? 255 : value + 0.5;
      }
    },
  };
}
