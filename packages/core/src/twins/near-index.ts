/**
 * Finds difference hashes that differ in few bits. Two 64-bit hashes that differ in at most 3 bits agree in at least
 * one of their four 16-bit quarters (pigeonhole), so only hashes that share a quarter are compared.
 */

/** Difference hashes (16 hex digits) that differ in at most this many of 64 bits count as near. */
const NEAR_BITS = 2;

/** Positions of the hashes near a given one. */
export interface NearIndex {
  /** Positions in `hashes` whose hash differs from `hash` in at most `bits` bits; may stop after the first. */
  near(hash: string, first?: boolean): number[];
}

/**
 * @param hashes 64-bit difference hashes, 16 hex digits each
 * @param bits largest distance, 0 to 3
 * @example
 * ```ts
 * import { nearIndex } from "@fer/core";
 *
 * console.log(nearIndex(["00000000000000ff", "ffffffffffffffff"]).near("00000000000000fe")); // [ 0 ]
 * ```
 */
export function nearIndex(hashes: readonly string[], bits = NEAR_BITS): NearIndex {
  const halves = new Uint32Array(hashes.length * 2);
  const quarters = Array.from({ length: 4 }, () => new Map<number, number[]>());
  for (const [i, hash] of hashes.entries()) {
    halves[2 * i] = Number.parseInt(hash.slice(0, 8), 16);
    halves[2 * i + 1] = Number.parseInt(hash.slice(8), 16);
    for (const [q, index] of quarters.entries()) {
      const key = quarterOf(hash, q);
      const known = index.get(key);
      if (known === undefined) index.set(key, [i]);
      else known.push(i);
    }
  }
  return {
    near(hash, first = false) {
      const high = Number.parseInt(hash.slice(0, 8), 16);
      const low = Number.parseInt(hash.slice(8), 16);
      const found = new Set<number>();
      for (const [q, index] of quarters.entries()) {
        for (const i of index.get(quarterOf(hash, q)) ?? []) {
          if (setBits(halves[2 * i]! ^ high) + setBits(halves[2 * i + 1]! ^ low) > bits) continue;
          found.add(i);
          if (first) return [i];
        }
      }
      return [...found].sort((a, b) => a - b);
    },
  };
}

const quarterOf = (hash: string, q: number): number => Number.parseInt(hash.slice(4 * q, 4 * q + 4), 16);

/** Number of set bits of a 32-bit number (Warren, Hacker's Delight, figure 5-2). */
function setBits(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
