/**
 * RGB bytes in grey: ITU-R BT.601 luma in 15-bit fixed point, bit for bit what OpenCV's `cvtColor(image, COLOR_RGB2GRAY)`
 * gives.
 */
export function greyBytes(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3)
    grey[i] = (rgb[at]! * 9798 + rgb[at + 1]! * 19235 + rgb[at + 2]! * 3735 + 16384) >> 15;
  return grey;
}
