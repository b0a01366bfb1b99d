/**
 * NumPy's `RandomState` as far as scikit-learn's splitters use it: the Mersenne Twister MT19937 (Matsumoto and
 * Nishimura 1998) seeded by one integer, and `shuffle` of a one-dimensional array with its masked rejection sampling
 * (numpy/random/mtrand.pyx, src/distributions/distributions.c: `random_interval`). NumPy keeps both stable.
 */

const N = 624;
const M = 397;

/** A stream of the 32-bit integers that `numpy.random.RandomState(seed)` draws. */
export class NumpyRandom {
  readonly #state = new Uint32Array(N);
  #position = N;

  /** @param seed an integer in [0, 2^32) */
  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < N; i++) {
      const previous = this.#state[i - 1]!;
      this.#state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** The next 32-bit integer. */
  next(): number {
    if (this.#position === N) this.#twist();
    let y = this.#state[this.#position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Uniform integer in [0, max], `max` below 2^32: draws are masked to its bits, and drawn again where they exceed it. */
  interval(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    let value: number;
    do value = (this.next() & mask) >>> 0;
    while (value > max);
    return value;
  }

  /** Shuffles in place, as `RandomState.shuffle` shuffles an array of one dimension. */
  shuffle<T extends { readonly length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.interval(i);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return items;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < N; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff);
      state[i] = state[(i + M) % N]! ^ (y >>> 1) ^ ((y & 1) === 0 ? 0 : 0x9908b0df);
    }
    this.#position = 0;
  }
}
