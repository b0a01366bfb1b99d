/**
 * What an image goes through before the network sees it. The network is only the last part of a model: it was trained
 * on images that were standardised and scaled, and what a run reports is the mean over several views of a face
 * (Krizhevsky et al. 2012 took ten crops; what is said about a face must not hang on a pixel of the crop).
 *
 *     raw 0..255 -> standardised -> a copy a view -> pixel * scale + offset -> network -> mean over the views
 *
 *     views   1    the image
 *             2    and its mirror image
 *             10   both, and both shifted by 1/32 of the edge to the left, right, up and down
 *
 *     of a network that was trained on crops, the crop in the centre takes the place of the image, and those in the four
 *     corners that of the shifted ones
 *
 * Validation, evaluation and prediction take their images from here; engines scale them in the network's own step.
 */
import { OptionsError } from "../errors.js";
import { cropPlaces, viewShifts } from "../run/preprocessing.js";
import type { ModelInfo } from "../run/model-info.js";
import { cropOf } from "./crop-of.js";
import { type Affine, benchFor, standardize } from "./pixels.js";

export const VIEWS = [1, 2, 10] as const;

/** How a model wants to see raw images; part of `model.json`. */
export interface Viewing extends Pick<ModelInfo, "size" | "standardize" | "views"> {
  channels: number;
  /** Edge of what the network takes, where that is cut out of the image. */
  crop?: number | null | undefined;
}

/** What {@link prepareInput} needs of `model.json`. */
type Preparation = Viewing & Pick<ModelInfo, "scale" | "offset">;

/** Images as a network takes them. */
export interface NetworkInput {
  shape: [count: number, height: number, width: number, channels: number];
  /** One a view, each `[count, height, width, channels]`, NHWC. Average the network's probabilities over them. */
  views: Float32Array[];
}

/**
 * Turns raw images into what the network of a run takes: standardised where it was trained so, a copy a view, scaled.
 * For networks that run elsewhere; `predict` of a run does it by itself.
 *
 * @param images `[n, size, size, channels]`, raw 0..255: faces, cut out and resized.
 * @param model A run's `model`, its `model.json`, or the attribute `fer_model` of its `.h5`.
 * @throws OptionsError where the length is not a whole number of images, or values are not of 0..255.
 *
 * @example
 * ```ts
 * import { prepareInput } from "@fer/core/inference";
 *
 * const model = { size: 48, channels: 1, standardize: true, views: 10, scale: 1 / 127.5, offset: -1 } as const;
 * const { shape, views } = prepareInput(new Uint8Array(48 * 48), model);
 * console.log(shape, views.length); // [ 1, 48, 48, 1 ] 10
 * ```
 */
export function prepareInput(images: Uint8Array | Float32Array, model: Preparation): NetworkInput {
  const pixels = rawPixels(images, model);
  const { size, channels, scale, offset, crop } = model;
  const edge = crop ?? size;
  const views = [...imageViews(pixels, model)].map((view) =>
    Float32Array.from(view, (pixel) => pixel * scale + offset),
  );
  return { shape: [pixels.length / (size * size * channels), edge, edge, channels], views };
}

/** Images as whole grey levels, checked. @throws OptionsError */
export function rawPixels(
  images: Uint8Array | Float32Array,
  { size, channels }: Pick<Viewing, "size" | "channels">,
): Uint8Array {
  const length = size * size * channels;
  if (images.length === 0 || images.length % length !== 0) {
    throw new OptionsError({
      code: "WRONG_LENGTH",
      subject: "images",
      found: `${images.length} values`,
      expected: `a multiple of ${length}: images of ${size} x ${size} x ${channels}, one after another`,
      fix: "Cut out the face, make it grey and resize it first; the bytes of a picture file are passed as a Buffer",
    });
  }
  if (images instanceof Uint8Array) return images;
  let [least, most, whole] = [Infinity, -Infinity, true];
  for (const value of images) {
    // A value that is not a number fails this too.
    if (!(value >= 0 && value <= 255)) throw notRaw(`a value of ${value}`);
    [least, most, whole] = [Math.min(least, value), Math.max(most, value), whole && Number.isInteger(value)];
  }
  if (most <= 1 && !whole) throw notRaw(`values of ${least} to ${most}`);
  return Uint8Array.from(images, Math.round);
}

const notRaw = (found: string): OptionsError =>
  new OptionsError({
    code: "NOT_RAW_PIXELS",
    subject: "images",
    found,
    expected: "raw grey levels of 0 to 255",
    fix: "Pass the pixels as they are; standardising and scaling is done here",
  });

/** The views of images `[n, size, size, channels]`, each `[n, edge, edge, channels]`, one after another. */
export function* imageViews(
  images: Uint8Array,
  { size, channels, crop, standardize: wanted, views }: Viewing,
): Generator<Uint8Array> {
  const pixels = wanted ? images.slice() : images;
  if (wanted) standardize(pixels, { size, channels });
  if (crop != null) {
    for (const place of cropPlaces(views, { size, crop })) {
      const view = cropsOf(pixels, { place, crop, size, channels });
      yield view;
      if (views > 1) yield viewOf(view, { map: MIRROR, size: crop, channels });
    }
    return;
  }
  if (views === 1) {
    yield pixels;
    return;
  }
  for (const map of mapsOf(views)) yield viewOf(pixels, { map, size, channels });
}

const MIRROR: Affine = [-1, 0, 0, 0, 1, 0];

/** The same square of every image. */
function cropsOf(
  images: Uint8Array,
  { size, channels, ...window }: { place: [left: number, top: number]; crop: number; size: number; channels: number },
): Uint8Array {
  const length = size * size * channels;
  const edge = window.crop;
  const out = new Uint8Array((images.length / length) * edge * edge * channels);
  for (let row = 0; row * length < images.length; row++) {
    const pixels = images.subarray(row * length, (row + 1) * length);
    out.set(cropOf({ pixels, size, channels }, window), row * edge * edge * channels);
  }
  return out;
}

/** From output to input positions, in halves of the edge: to shift right, look left. */
const mapsOf = (views: 2 | 10): Affine[] =>
  viewShifts(views).flatMap(([right, down]): Affine[] => [
    [1, 0, -2 * right, 0, 1, -2 * down],
    [-1, 0, -2 * right, 0, 1, -2 * down],
  ]);

function viewOf(
  images: Uint8Array,
  { map, size, channels }: { map: Affine; size: number; channels: number },
): Uint8Array {
  const out = new Uint8Array(images.length);
  const bench = benchFor({ size, channels });
  for (let from = 0; from < images.length; from += bench.source.length) {
    bench.source.set(images.subarray(from, from + bench.source.length));
    bench.warp(map);
    out.set(bench.out, from);
  }
  return out;
}
