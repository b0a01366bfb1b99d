/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey, PractRand), seeded by the bytes of a text. Equal texts give
 * equal numbers on every machine.
 */

/** A function that returns numbers in [0, 1). */
export type Random = () => number;

/** Numbers that depend on the seed and on a purpose, so that two uses of one seed do not move together. */
export function seededRandom(seed: number, purpose: string): Random {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (const character of `${seed} ${purpose}`) {
    a ^= character.codePointAt(0)!;
    next();
  }
  for (let i = 0; i < 16; i++) next();
  return () => next() / 2 ** 32;
}

/** A shuffled copy (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
