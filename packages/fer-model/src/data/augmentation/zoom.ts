/** Enlarges or shrinks a picture about its centre: crops are wider or tighter. */
import { symmetric } from "@fer/core";
import type { Augmentation } from "./augmentation.js";

/** Zoom by a factor in `1 - share .. 1 + share` of the source window, uniform, the same in x and y. */
export function zoom(share: number): Augmentation {
  return {
    name: "zoom",
    geometry: (next) => {
      const scale = 1 + symmetric(next) * share;
      return [scale, 0, 0, 0, scale, 0];
    },
  };
}
