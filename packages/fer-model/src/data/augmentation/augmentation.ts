/**
 * What an augmentation is: a random change of a picture that keeps its expression. Geometric ones return an affine
 * map; all maps of a picture are multiplied and carried out by one bilinear pass. The others change the finished
 * pixels in place.
 *
 * Every picture of every epoch has its own stream of random numbers, so that the result does not depend on batch
 * size, order or restarts. An augmentation must draw the same number of times whatever it decides.
 */
import type { Random } from "@fer/core";

/** Raw picture: `[size, size, channels]` NHWC uint8, 0..255. */
export interface Picture {
  pixels: Uint8Array;
  size: number;
  channels: number;
}

/**
 * Where an output pixel comes from: `x' = a x + b y + c`, `y' = d x + e y + f`, in halves of the picture's edge from
 * its centre (so both coordinates run from -1 to 1, y down).
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export interface Augmentation {
  readonly name: string;
  /** Draws a map. */
  geometry?(next: Random): Affine;
  /** Draws a change and makes it in place. */
  paint?(picture: Picture, next: Random): void;
}

/** The map of leaving all where it is. */
export const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];

/** The map of `first` after `second`, as output positions go: `first(second(x, y))`. */
export function compose(first: Affine, second: Affine): Affine {
  const [a, b, c, d, e, f] = first;
  const [p, q, r, s, t, u] = second;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}
