/** Mirrors left and right in half of the draws: expressions have no handedness. */
import { type Augmentation, IDENTITY } from "./augmentation.js";

/** Horizontal flip. */
export function flip(): Augmentation {
  return { name: "flip", geometry: (next) => (next() < 0.5 ? [-1, 0, 0, 0, 1, 0] : IDENTITY) };
}
