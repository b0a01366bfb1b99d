/** Turns a picture about its centre: heads are tilted. */
import { symmetric } from "@fer/core";
import type { Augmentation } from "./augmentation.js";

/** Rotation by up to `degrees` each way, uniform. */
export function rotate(degrees: number): Augmentation {
  return {
    name: "rotate",
    geometry: (next) => {
      const angle = (symmetric(next) * degrees * Math.PI) / 180;
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      return [cos, -sin, 0, sin, cos, 0];
    },
  };
}
