/**
 * The random bytes behind a dropout mask: one an element, little-endian, from the words of Philox with the key
 * `[seed, layer]` and the counter `[0, 0, step, 0]`. An element is dropped when its byte is below the threshold.
 */
import { philox, type PhiloxStart } from "./philox.js";

/** Bytes below the threshold are dropped; what is kept is multiplied by `scale`. */
export function dropoutThreshold(rate: number): { threshold: number; scale: number } {
  const threshold = Math.min(255, Math.round(rate * 256));
  return { threshold, scale: 256 / (256 - threshold) };
}

/** The bytes of a mask of `size` elements. */
export function dropoutBytes(options: { seed: number; layer: number; step: number; size: number }): Uint8Array {
  const { seed, layer, step, size } = options;
  const start: PhiloxStart = { key: [seed >>> 0, layer >>> 0], counter: [0, 0, step >>> 0, 0] };
  const words = philox(start, Math.ceil(size / 4));
  return littleEndianBytes(words).subarray(0, size);
}

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function littleEndianBytes(words: Uint32Array): Uint8Array {
  if (isLittleEndian) return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const bytes = new Uint8Array(words.byteLength);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(i * 4, word, true));
  return bytes;
}
