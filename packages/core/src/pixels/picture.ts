/** A decoded picture: `[height, width, channels]` row-major bytes 0..255, grey (1) or RGB (3). */
export interface Picture {
  width: number;
  height: number;
  channels: 1 | 3;
  data: Uint8Array;
}

/** One channel: grey levels `[height, width]`. */
export interface GreyPicture extends Picture {
  channels: 1;
}

/**
 * A picture out of decoded grey, grey + alpha, RGB or RGBA bytes. Alpha is dropped, as OpenCV's `cvtColor` does; a picture
 * whose three channels agree everywhere is grey, whatever its file says, so that the result does not depend on the decoder.
 */
export function pictureOf(
  bytes: Uint8Array,
  { width, height, channels }: { width: number; height: number; channels: 1 | 2 | 3 | 4 },
): Picture {
  const n = width * height;
  if (channels < 3 || isGrey(bytes, channels)) {
    if (channels === 1) return { width, height, channels: 1, data: bytes };
    const data = new Uint8Array(n);
    for (let i = 0, at = 0; i < n; i++, at += channels) data[i] = bytes[at]!;
    return { width, height, channels: 1, data };
  }
  if (channels === 3) return { width, height, channels: 3, data: bytes };
  const data = new Uint8Array(n * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = bytes[from]!;
    data[to + 1] = bytes[from + 1]!;
    data[to + 2] = bytes[from + 2]!;
  }
  return { width, height, channels: 3, data };
}

function isGrey(bytes: Uint8Array, channels: number): boolean {
  for (let at = 0; at < bytes.length; at += channels) {
    if (bytes[at] !== bytes[at + 1] || bytes[at] !== bytes[at + 2]) return false;
  }
  return true;
}

/** A picture of a video. */
export interface VideoFrame {
  /** Counts all frames of the video from 0. */
  index: number;
  /** Seconds from the start of the video. */
  time: number;
  picture: Picture;
}
