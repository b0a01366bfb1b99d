/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, PractRand) keyed by a seed and by
 * what the numbers decide (`seed, "augment", epoch, sample`): the same numbers whatever was drawn before, in whichever
 * worker and after whichever restart.
 */

/** A stream of random numbers. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  (): number;
}

/**
 * The stream of a seed and keys.
 *
 * @example
 * ```ts
 * import { keyedRandom } from "@fer/core";
 *
 * console.log(keyedRandom(1, "shuffle", 3)() === keyedRandom(1, "shuffle", 3)()); // true
 * ```
 */
export function keyedRandom(seed: number, ...keys: (number | string)[]): Random {
  let hash = mix(0x9e3779b9 ^ seed);
  for (const key of keys) {
    if (typeof key === "number") hash = mix(hash ^ key);
    else for (let i = 0; i < key.length; i++) hash = mix(hash ^ key.charCodeAt(i));
  }
  const next = sfc32([mix(hash + 1), mix(hash + 2), mix(hash + 3)]);
  // The first outputs still show the structure of the key.
  for (let i = 0; i < 8; i++) next();
  return () => next() / 2 ** 32;
}

/**
 * The stream that split policies draw from: another keying of the same generator, kept because the splits of published
 * sets hang on it.
 */
export function splitRandom(seed: number, purpose: string): Random {
  const state = [0x9e3779b9, 0x243f6a88, 0xb7e15162] as const;
  let key = 0;
  const text = [...`${seed} ${purpose}`];
  const next = sfc32(state, () => (key < text.length ? text[key++]!.codePointAt(0)! : 0));
  for (let i = 0; i < text.length + 16; i++) next();
  return () => next() / 2 ** 32;
}

/** The generator: 32-bit integers from three words of state and a counter. `stir` is mixed into the first word. */
function sfc32([a, b, c]: readonly [number, number, number], stir?: () => number): () => number {
  let counter = 1;
  return () => {
    if (stir !== undefined) a ^= stir();
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
}

/** Uniform in [-1, 1). */
export const symmetric = (next: Random): number => next() * 2 - 1;

/** Uniform integer in [0, bound). */
export const below = (next: Random, bound: number): number => Math.floor(next() * bound);

/** Shuffles in place (Fisher and Yates) and returns the array. */
export function shuffle<T extends { length: number; [index: number]: unknown }>(items: T, next: Random): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(next, i + 1);
    const item = items[i];
    items[i] = items[j];
    items[j] = item;
  }
  return items;
}

/** Finalizer of MurmurHash3: every input bit changes every output bit half of the time. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
