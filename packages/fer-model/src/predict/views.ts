/**
 * Predictions averaged over several views of an image (Krizhevsky et al. 2012 took ten crops): what a network says
 * about a face must not hang on a pixel of the crop. A net that was trained on few hundred images gains several points.
 *
 *     1    the image
 *     2    and its mirror image
 *     10   both, and both shifted by 1/32 of the edge to the left, right, up and down
 */
import type { PreparedStep } from "@fer/tfjs-graph";
import type { Affine } from "../data/augmentation/index.js";
import { warp } from "../data/augmentation/warp.js";

/** The part of a step that predicts. */
export type Predictor = Pick<PreparedStep, "predict">;

export const VIEWS = [1, 2, 10] as const;
export type Views = (typeof VIEWS)[number];

/** In halves of the edge, as {@link Affine} counts. */
const SHIFT = 2 / 32;
const SHIFTS = [
  [0, 0],
  [SHIFT, 0],
  [-SHIFT, 0],
  [0, SHIFT],
  [0, -SHIFT],
] as const;

const mapsOf = (views: Views): Affine[] =>
  SHIFTS.slice(0, views === 10 ? 5 : 1).flatMap(([x, y]): Affine[] => [
    [1, 0, x, 0, 1, y],
    [-1, 0, x, 0, 1, y],
  ]);

/** A predictor of uint8 images `[n, size, size, channels]` that averages the probabilities of all views. */
export function withViews(step: Predictor, views: Views, shape: { size: number; channels: number }): Predictor {
  if (views === 1) return step;
  return {
    async predict(inputs, count) {
      const images = inputs instanceof Uint8Array ? inputs : Uint8Array.from(inputs, Math.round);
      let sum: Float32Array | null = null;
      const maps = mapsOf(views);
      for (const map of maps) {
        const found = await step.predict(viewOf(images, count, map, shape), count);
        sum = sum === null ? found.slice() : sum.map((total, i) => total + found[i]!);
      }
      return sum!.map((total) => total / maps.length);
    },
  };
}

function viewOf(
  images: Uint8Array,
  count: number,
  map: Affine,
  { size, channels }: { size: number; channels: number },
): Uint8Array {
  const out = new Uint8Array(images.length);
  const length = images.length / count;
  for (let from = 0; from < images.length; from += length) {
    warp(images.subarray(from, from + length), out.subarray(from, from + length), size, channels, map);
  }
  return out;
}
