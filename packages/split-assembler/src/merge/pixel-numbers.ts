/** Numbers pictures by their pixels: those of the same pixels get the number of the first of them. */

/** Bytes of a hash that are compared: two pictures of a billion share them with a chance of 10^-21. */
const WIDTH = 16;
const NONE = 0xffffffff;

/** A hash table of a known capacity, 24 to 32 bytes a picture. */
export class PixelNumbers {
  readonly #hashes: Buffer;
  readonly #slots: Uint32Array;
  readonly #mask: number;
  #count = 0;

  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2 * capacity, 2)));
    this.#hashes = Buffer.allocUnsafe(WIDTH * capacity);
    this.#slots = new Uint32Array(slots).fill(NONE);
    this.#mask = slots - 1;
  }

  /** The position of the first picture of these pixels: of this one, where there was none before. */
  add(pixelHash: string): number {
    const position = this.#count;
    const at = WIDTH * position;
    this.#hashes.write(pixelHash.slice(0, 2 * WIDTH), at, "hex");
    this.#count += 1;
    for (let slot = this.#hashes.readUInt32LE(at) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const known = this.#slots[slot]!;
      if (known === NONE) {
        this.#slots[slot] = position;
        return position;
      }
      if (this.#hashes.compare(this.#hashes, WIDTH * known, WIDTH * (known + 1), at, at + WIDTH) === 0) return known;
    }
  }
}
