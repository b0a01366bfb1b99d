/** Which augmentations a training run applies, and how strongly. */
import { z } from "zod";
import type { Augmentation } from "./augmentation.js";
import { erase } from "./erase.js";
import { flip } from "./flip.js";
import { light } from "./light.js";
import { rotate } from "./rotate.js";
import { shift } from "./shift.js";
import { zoom } from "./zoom.js";

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
