/**
 * What an image goes through before the network sees it, as a list of named steps in their order: the part of
 * `model.json` that nobody who feeds the network by other means may miss.
 */
import { z } from "zod";
import { FaceCrop } from "../pixels/face-crop.js";
import { Fit } from "../set/schema.js";

/** Grey levels that a standardised image has. */
export const STANDARDIZED = { mean: 128, deviation: 56 } as const;

/** How far the views of an image are shifted, in shares of its edge. */
const VIEW_SHIFT = 1 / 32;

const byte = z.tuple([z.literal(0), z.literal(255)]);

/** One step. `standardize`, `views` and `crops` are there only where the model wants them. */
export const PreprocessingStep = z.discriminatedUnion("step", [
  z.strictObject({
    /** A face is found in the photo and cut out; there where the faces of the training were. */
    step: z.literal("cut"),
    ...FaceCrop.shape,
  }),
  z.strictObject({
    /** The face, made grey (one channel) and square, raw 0..255. */
    step: z.literal("resize"),
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    channels: z.literal([1, 3]),
    fit: Fit,
  }),
  z.strictObject({
    /** All pixels of an image together, over all channels; then rounded and clipped. */
    step: z.literal("standardize"),
    mean: z.number(),
    deviation: z.number(),
    clip: byte,
  }),
  z.strictObject({
    /** Each image becomes one a pair of shift and mirror, in this order; probabilities are the mean over them. */
    step: z.literal("views"),
    /** Right and down, in shares of the edge; bilinear, the edge pixel is repeated. */
    shifts: z.array(z.tuple([z.number(), z.number()])),
    mirror: z.array(z.boolean()),
    combine: z.literal("mean"),
  }),
  z.strictObject({
    /** The same of squares cut out of the image; its left upper corner, in pixels. */
    step: z.literal("crops"),
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    places: z.array(z.tuple([z.number().int(), z.number().int()])),
    mirror: z.array(z.boolean()),
    combine: z.literal("mean"),
  }),
  z.strictObject({
    /** What the network sees: `pixel * factor + offset`. */
    step: z.literal("scale"),
    factor: z.number(),
    offset: z.number(),
  }),
]);
export type PreprocessingStep = z.infer<typeof PreprocessingStep>;

/** What decides the steps. */
export interface PreprocessingSettings {
  size: number;
  channels: 1 | 3;
  fit: Fit;
  standardize: boolean;
  views: 1 | 2 | 10;
  /** Edge of what the network takes, where it is less than `size`. */
  crop?: number | null | undefined;
  scale: number;
  offset: number;
  /** How the faces of the training were found and cut out, where it is known. */
  cut?: FaceCrop | undefined;
}

/**
 * The steps of a model.
 *
 * @example
 * ```ts
 * import { preprocessingSteps } from "@fer/core/run";
 *
 * const model = { size: 48, channels: 1, fit: "stretch", standardize: true, views: 1, scale: 1, offset: 0 } as const;
 * console.log(preprocessingSteps(model).map(({ step }) => step)); // [ 'resize', 'standardize', 'scale' ]
 * ```
 */
export function preprocessingSteps(settings: PreprocessingSettings): PreprocessingStep[] {
  const { size, channels, fit, standardize, views, crop, scale, offset, cut } = settings;
  const mirror = views === 1 ? [false] : [false, true];
  const steps: PreprocessingStep[] = cut === undefined ? [] : [{ step: "cut", ...cut }];
  steps.push({ step: "resize", width: size, height: size, channels, fit });
  if (standardize) steps.push({ step: "standardize", ...STANDARDIZED, clip: [0, 255] });
  if (crop != null) {
    const places = cropPlaces(views, { size, crop });
    steps.push({ step: "crops", width: crop, height: crop, places, mirror, combine: "mean" });
  } else if (views > 1) {
    steps.push({ step: "views", shifts: viewShifts(views), mirror, combine: "mean" });
  }
  steps.push({ step: "scale", factor: scale, offset });
  return steps;
}

/** Shifts of the views of an image, each of them plain and mirrored: right and down, in shares of the edge. */
export function viewShifts(views: 1 | 2 | 10): [right: number, down: number][] {
  const here: [number, number] = [0, 0];
  if (views < 10) return [here];
  return [here, [-VIEW_SHIFT, 0], [VIEW_SHIFT, 0], [0, -VIEW_SHIFT], [0, VIEW_SHIFT]];
}

/**
 * Places of the crops that are the views of an image, each of them plain and (with more views than one) mirrored: the
 * centre, and with ten views the four corners (Krizhevsky et al. 2012). In pixels, of the left upper corner.
 */
export function cropPlaces(
  views: 1 | 2 | 10,
  { size, crop }: { size: number; crop: number },
): [left: number, top: number][] {
  const last = size - crop;
  const middle = Math.floor(last / 2);
  const centre: [number, number] = [middle, middle];
  if (views < 10) return [centre];
  return [centre, [0, 0], [last, 0], [0, last], [last, last]];
}
