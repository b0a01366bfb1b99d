/** A decoded picture as a set and a model see it: grey (or RGB), square. */
import type { Fit } from "../set/schema.js";
import { fitSquare } from "./fit-square.js";
import { toGrey } from "./grey.js";
import type { Picture } from "./picture.js";

/** What every image of a set becomes. */
export interface ImageSettings {
  /** Side in pixels. */
  size: number;
  channels: 1 | 3;
  fit: Fit;
}

/**
 * What a set holds and a model is fed: `[size, size, channels]`, raw 0..255. Standardising is the model's own affair.
 *
 * @example
 * ```ts
 * import { preparePicture } from "@fer/core/pixels";
 *
 * const picture = { width: 100, height: 80, channels: 1 as const, data: new Uint8Array(8000) };
 * console.log(preparePicture(picture, { size: 48, channels: 1, fit: "stretch" }).length); // 2304
 * ```
 */
export function preparePicture(picture: Picture, { size, channels, fit }: ImageSettings): Uint8Array {
  return fitSquare(channels === 3 ? toRgb(picture) : toGrey(picture), { size, fit }).data;
}

/** The picture in three channels. */
export function toRgb(picture: Picture): Picture {
  if (picture.channels === 3) return picture;
  const data = new Uint8Array(picture.data.length * 3);
  picture.data.forEach((value, i) => data.fill(value, i * 3, i * 3 + 3));
  return { width: picture.width, height: picture.height, channels: 3, data };
}
