/**
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a counter-based generator. The
 * words depend only on key and counter, so that every engine makes the same ones in any order. TensorFlow's
 * stateless random ops use the same function.
 */

/** Two 32-bit words. */
type PhiloxKey = readonly [number, number];
/** Four 32-bit words, least significant first. */
type PhiloxCounter = readonly [number, number, number, number];

/** What the words depend on. */
export interface PhiloxStart {
  key: PhiloxKey;
  counter: PhiloxCounter;
}

/** High 32 bits of the product of two unsigned 32-bit numbers. */
function highProduct(a: number, b: number): number {
  const ah = a >>> 16;
  const al = a & 0xffff;
  const bh = b >>> 16;
  const bl = b & 0xffff;
  const middle = ah * bl + ((al * bl) >>> 16);
  const carry = al * bh + (middle & 0xffff);
  return (ah * bh + Math.floor(middle / 65536) + (carry >>> 16)) >>> 0;
}

/**
 * `count` words: block b of four words is Philox of `counter` with b added to its first word.
 */
export function philox({ key, counter }: PhiloxStart, count: number): Uint32Array {
  const out = new Uint32Array(Math.ceil(count / 4) * 4);
  for (let offset = 0, block = 0; offset < out.length; offset += 4, block++) {
    let c0 = (counter[0] + block) >>> 0;
    let c1 = counter[1];
    let c2 = counter[2];
    let c3 = counter[3];
    let k0 = key[0];
    let k1 = key[1];
    for (let round = 0; round < 10; round++) {
      const high0 = highProduct(0xd2511f53, c0);
      const low0 = Math.imul(0xd2511f53, c0) >>> 0;
      const high1 = highProduct(0xcd9e8d57, c2);
      const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
      c0 = (high1 ^ c1 ^ k0) >>> 0;
      c1 = low1;
      c2 = (high0 ^ c3 ^ k1) >>> 0;
      c3 = low0;
      k0 = (k0 + 0x9e3779b9) >>> 0;
      k1 = (k1 + 0xbb67ae85) >>> 0;
    }
    out[offset] = c0;
    out[offset + 1] = c1;
    out[offset + 2] = c2;
    out[offset + 3] = c3;
  }
  return count === out.length ? out : out.subarray(0, count);
}
