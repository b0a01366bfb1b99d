/** Moves a picture: face detectors are a few pixels off. */
import { symmetric } from "@fer/core";
import type { Augmentation } from "./augmentation.js";

/** Shift by up to `share` of the edge to each side, uniform and independent in x and y. */
export function shift(share: number): Augmentation {
  return { name: "shift", geometry: (next) => [1, 0, symmetric(next) * 2 * share, 0, 1, symmetric(next) * 2 * share] };
}
