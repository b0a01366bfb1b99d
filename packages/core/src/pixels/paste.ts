import type { Picture } from "./picture.js";

/** Copies a picture into a larger one of as many channels, its top left corner to `x, y`. */
export function paste(picture: Picture, { into, x, y }: { into: Picture; x: number; y: number }): void {
  const { width, height, channels, data } = picture;
  const stride = width * channels;
  for (let row = 0; row < height; row++) {
    into.data.set(data.subarray(row * stride, (row + 1) * stride), ((y + row) * into.width + x) * channels);
  }
}
