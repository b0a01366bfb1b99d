import { greyBytes } from "../twins/grey-bytes.js";
import type { GreyPicture, Picture } from "./picture.js";

/**
 * The picture in 8-bit grey: ITU-R BT.601 luma in 15-bit fixed point, bit for bit what OpenCV's
 * `cvtColor(image, COLOR_RGB2GRAY)` gives.
 *
 * @example
 * ```ts
 * import { toGrey } from "@fer/core/pixels";
 *
 * const red = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) } as const;
 * console.log(toGrey(red).data[0]); // 76
 * ```
 */
export function toGrey({ data, channels, width, height }: Picture): GreyPicture {
  if (channels === 1) return { width, height, channels: 1, data };
  return { width, height, channels: 1, data: greyBytes(data) };
}
