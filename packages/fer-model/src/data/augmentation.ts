/**
 * Random changes of a picture that keep its expression. A new one is a function here, its options in
 * {@link AugmentationOptions} and its line in {@link augmentationsOf}.
 *
 * Geometric ones return an affine map; all maps of a picture are multiplied and carried out by one bilinear pass. The
 * others change the finished pixels, one after another.
 *
 * Every picture of every epoch has its own stream of random numbers, so that the result does not depend on batch size,
 * order, threads or restarts. An augmentation must draw the same number of times whatever it decides.
 */
import { type Random, symmetric } from "@fer/core";
import { type Affine, benchFor, type Picture, type PixelBench, type Tone } from "@fer/core/inference";
import { z } from "zod";

export interface Augmentation {
  readonly name: string;
  /** Draws a map. */
  geometry?(next: Random): Affine;
  /** Draws a change of light. */
  tone?(next: Random): Tone;
  /** Draws a change and makes it in place. */
  paint?(picture: Picture, next: Random): void;
}

export const AugmentationOptions = z.strictObject({
  flip: z.boolean().default(true).describe("Mirror half of the pictures left to right"),
  shift: z.number().min(0).max(0.5).default(0.08).describe("Largest shift in x and y, as a share of the edge"),
  rotate: z.number().min(0).max(180).default(10).describe("Largest rotation each way, in degrees"),
  zoom: z.number().min(0).max(0.9).default(0.1).describe("Largest zoom in and out, as a share of the edge"),
  contrast: z.number().min(0).max(1).default(0.2).describe("Largest change of contrast, as a share"),
  brightness: z.number().min(0).max(1).default(0.1).describe("Largest change of brightness, as a share of 0..255"),
  erase: z.number().min(0).max(1).default(0.25).describe("Share of pictures in which a rectangle is covered"),
});
export type AugmentationOptions = z.infer<typeof AugmentationOptions>;

/** The augmentations of the options that are turned on, in a fixed order. */
export function augmentationsOf(options: AugmentationOptions): Augmentation[] {
  return [
    ...(options.flip ? [flip()] : []),
    ...(options.rotate > 0 ? [rotate(options.rotate)] : []),
    ...(options.zoom > 0 ? [zoom(options.zoom)] : []),
    ...(options.shift > 0 ? [shift(options.shift)] : []),
    ...(options.contrast > 0 || options.brightness > 0 ? [light(options)] : []),
    ...(options.erase > 0 ? [erase(options.erase)] : []),
  ];
}

/** Mirrors left and right in half of the draws: expressions have no handedness. */
export function flip(): Augmentation {
  return { name: "flip", geometry: (next) => (next() < 0.5 ? [-1, 0, 0, 0, 1, 0] : IDENTITY) };
}

/** Turns a picture about its centre by up to `degrees` each way, uniform: heads are tilted. */
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

/**
 * Enlarges or shrinks a picture about its centre, by a factor in `1 - share .. 1 + share` of the source window, uniform,
 * the same in x and y: crops are wider or tighter.
 */
export function zoom(share: number): Augmentation {
  return {
    name: "zoom",
    geometry: (next) => {
      const scale = 1 + symmetric(next) * share;
      return [scale, 0, 0, 0, scale, 0];
    },
  };
}

/** Moves a picture by up to `share` of the edge, uniform and independent in x and y: detectors are a few pixels off. */
export function shift(share: number): Augmentation {
  return { name: "shift", geometry: (next) => [1, 0, symmetric(next) * 2 * share, 0, 1, symmetric(next) * 2 * share] };
}

/**
 * Contrast about the picture's mean by a factor in `1 - contrast .. 1 + contrast`, then brightness by up to
 * `brightness` of the range 0..255: exposure says nothing about an expression.
 */
export function light({ contrast, brightness }: { contrast: number; brightness: number }): Augmentation {
  return {
    name: "light",
    tone: (next) => ({ factor: 1 + symmetric(next) * contrast, offset: symmetric(next) * brightness * 255 }),
  };
}

/** Shortest and longest side of what is erased, as shares of the edge. */
const SIDES = { least: 0.15, most: 0.4 } as const;

/**
 * Covers a rectangle with the picture's mean in a share `rate` of the draws (Zhong et al. 2020, Random Erasing): the
 * net must not rely on one feature alone.
 */
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

export interface AugmentOptions {
  augmentations: readonly Augmentation[];
  /** Stream of the picture. */
  next: Random;
}

/**
 * An augmented copy of a picture.
 *
 * @returns `[size, size, channels]`.
 */
export function augment({ pixels, ...shape }: Picture, options: AugmentOptions): Uint8Array {
  const bench = benchFor(shape);
  bench.source.set(pixels);
  augmentOn(bench, { ...shape, ...options });
  return bench.out.slice();
}

/** The same from `bench.source` to `bench.out`. */
export function augmentOn(
  bench: PixelBench,
  { augmentations, next, size, channels }: AugmentOptions & Omit<Picture, "pixels">,
): void {
  let map = IDENTITY;
  for (const { geometry } of augmentations) if (geometry) map = compose(map, geometry(next));
  if (map === IDENTITY) bench.out.set(bench.source);
  else bench.warp(map);
  for (const { tone, paint } of augmentations) {
    if (tone) bench.tone(tone(next));
    paint?.({ pixels: bench.out, size, channels }, next);
  }
}

/** The map of leaving all where it is. */
const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];

/** The map of `first` after `second`, as output positions go: `first(second(x, y))`. */
function compose(first: Affine, second: Affine): Affine {
  const [a, b, c, d, e, f] = first;
  const [p, q, r, s, t, u] = second;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}
