/**
 * Finds 64-bit hashes that differ in at most seven bits. Two such hashes differ in at most one bit of at least one of
 * their four 16-bit quarters (pigeonhole), so that only hashes are compared that nearly share a quarter.
 */

/** Bits of 64 in which the hashes found differ at most. */
export const HASH_INDEX_BITS = 7;

const QUARTERS = 4;
const KEYS = 1 << 16;

/** A 64-bit hash as two 32-bit halves. */
export interface HashHalves {
  high: number;
  low: number;
}

/**
 * An index of hashes; each should be there once.
 *
 * @example
 * ```ts
 * import { HashIndex } from "@fer/core";
 *
 * const index = new HashIndex(Uint32Array.of(0, 0xff, 0xffffffff, 0xffffffff));
 * index.near({ high: 0, low: 0xfe }, (position, distance) => console.log(position, distance)); // 0 1
 * ```
 */
export class HashIndex {
  readonly #hashes: Uint32Array;
  /** For each quarter and key where its hashes begin in `#listed`. */
  readonly #begins: Uint32Array[];
  readonly #listed: Uint32Array[];

  /** @param hashes `[n, 2]`: high and low halves */
  constructor(hashes: Uint32Array) {
    this.#hashes = hashes;
    const n = hashes.length / 2;
    this.#begins = [];
    this.#listed = [];
    for (let q = 0; q < QUARTERS; q++) {
      const begins = new Uint32Array(KEYS + 1);
      for (let i = 0; i < n; i++) begins[quarterOf(hashes[2 * i]!, hashes[2 * i + 1]!, q) + 1]! += 1;
      for (let key = 0; key < KEYS; key++) begins[key + 1]! += begins[key]!;
      const next = begins.slice(0, KEYS);
      const listed = new Uint32Array(n);
      for (let i = 0; i < n; i++) {
        const key = quarterOf(hashes[2 * i]!, hashes[2 * i + 1]!, q);
        listed[next[key]!] = i;
        next[key]! += 1;
      }
      this.#begins.push(begins);
      this.#listed.push(listed);
    }
  }

  /** Calls back with the position and the distance of every hash near a given one, each once, in no order. */
  near({ high, low }: HashHalves, found: (position: number, distance: number) => void): void {
    for (let q = 0; q < QUARTERS; q++) {
      const key = quarterOf(high, low, q);
      const [begins, listed] = [this.#begins[q]!, this.#listed[q]!];
      for (let flip = -1; flip < 16; flip++) {
        const probe = flip < 0 ? key : key ^ (1 << flip);
        const end = begins[probe + 1]!;
        for (let at = begins[probe]!; at < end; at++) {
          const i = listed[at]!;
          const [h, l] = [this.#hashes[2 * i]! ^ high, this.#hashes[2 * i + 1]! ^ low];
          const distance = setBits(h) + setBits(l);
          if (distance <= HASH_INDEX_BITS && !isFoundBefore(h, l, q)) found(i, distance);
        }
      }
    }
  }
}

/** Whether an earlier quarter than `q` has found a hash with these different bits. */
// oxlint-disable-next-line max-params -- numeric inner loop
function isFoundBefore(high: number, low: number, q: number): boolean {
  for (let earlier = 0; earlier < q; earlier++) if (setBits(quarterOf(high, low, earlier)) <= 1) return true;
  return false;
}

// oxlint-disable-next-line max-params -- numeric inner loop
const quarterOf = (high: number, low: number, q: number): number =>
  ((q < 2 ? high : low) >>> (q % 2 === 0 ? 16 : 0)) & 0xffff;

/** Number of set bits of a 32-bit number (Warren, Hacker's Delight, figure 5-2). */
function setBits(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
