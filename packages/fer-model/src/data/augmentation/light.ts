/** Changes contrast about the picture's mean, and brightness: exposure says nothing about an expression. */
import { symmetric } from "@fer/core";
import type { Augmentation } from "./augmentation.js";

/** Contrast by a factor in `1 - contrast .. 1 + contrast`, then brightness by up to `brightness` of the range 0..255. */
export function light({ contrast, brightness }: { contrast: number; brightness: number }): Augmentation {
  const curve = new Uint8ClampedArray(256);
  return {
    name: "light",
    paint({ pixels }, next) {
      const factor = 1 + symmetric(next) * contrast;
      const offset = symmetric(next) * brightness * 255;
      let sum = 0;
      for (let i = 0; i < pixels.length; i++) sum += pixels[i]!;
      const mean = sum / pixels.length;
      for (let grey = 0; grey < 256; grey++) curve[grey] = (grey - mean) * factor + mean + offset;
      for (let i = 0; i < pixels.length; i++) pixels[i] = curve[pixels[i]!]!;
    },
  };
}
