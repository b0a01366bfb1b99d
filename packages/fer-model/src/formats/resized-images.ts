/**
 * Images of a set in the size of a model: bilinear between pixel centres, not rounded to whole grey levels, as
 * `tf.image.resize` and Keras do it; grey ones in all channels.
 */

/** Edge and channels. */
export interface ImageForm {
  size: number;
  channels: number;
}

/** Where a pixel of the new image lies between two of the old one. */
interface Tap {
  low: number;
  high: number;
  share: number;
}

function tapsOf(from: number, to: number): Tap[] {
  return Array.from({ length: to }, (_, at) => {
    const place = Math.min(from - 1, Math.max(0, ((at + 0.5) * from) / to - 0.5));
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, from - 1), share: place - low };
  });
}

/** `[n, from.size, from.size, from.channels]` to `[n, to.size, to.size, to.channels]`. */
export function resizedImages(images: Uint8Array, { from, to }: { from: ImageForm; to: ImageForm }): Float32Array {
  const length = from.size ** 2 * from.channels;
  const out = new Float32Array((images.length / length) * to.size ** 2 * to.channels);
  const taps = tapsOf(from.size, to.size);
  let next = 0;
  for (let start = 0; start < images.length; start += length) {
    const level = (place: number, channel: number): number =>
      images[start + place * from.channels + (from.channels === 1 ? 0 : channel)]!;
    for (const row of taps) {
      for (const column of taps) {
        for (let c = 0; c < to.channels; c++) {
          const along = (y: number): number =>
            level(y * from.size + column.low, c) * (1 - column.share) +
            level(y * from.size + column.high, c) * column.share;
          out[next++] = along(row.low) * (1 - row.share) + along(row.high) * row.share;
        }
      }
    }
  }
  return out;
}
