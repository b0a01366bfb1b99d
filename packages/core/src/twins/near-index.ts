/** Finds difference hashes that differ in few bits. */
import { type HashHalves, HashIndex } from "./hash-index.js";

/** Difference hashes (16 hex digits) that differ in at most this many of 64 bits count as near. */
const NEAR_BITS = 2;

/** Positions of the hashes near a given one. */
export interface NearIndex {
  /** Positions in `hashes` whose hash differs from `hash` in at most `bits` bits, in order. */
  near(hash: string): number[];
}

/**
 * @param hashes 64-bit difference hashes, 16 hex digits each
 * @param bits largest distance, 0 to 7
 * @example
 * ```ts
 * import { nearIndex } from "@fer/core";
 *
 * console.log(nearIndex(["00000000000000ff", "ffffffffffffffff"]).near("00000000000000fe")); // [ 0 ]
 * ```
 */
export function nearIndex(hashes: readonly string[], bits = NEAR_BITS): NearIndex {
  const halves = new Uint32Array(2 * hashes.length);
  for (const [i, hash] of hashes.entries()) {
    const { high, low } = halvesOf(hash);
    halves.set([high, low], 2 * i);
  }
  const index = new HashIndex(halves);
  return {
    near(hash) {
      const found: number[] = [];
      index.near(halvesOf(hash), (position, distance) => {
        if (distance <= bits) found.push(position);
      });
      return found.sort((a, b) => a - b);
    },
  };
}

const halvesOf = (hash: string): HashHalves => ({
  high: Number.parseInt(hash.slice(0, 8), 16),
  low: Number.parseInt(hash.slice(8), 16),
});
