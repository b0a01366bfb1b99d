/** Whole numbers from 0 on that are looked up by whole numbers from 0 on, which lie close: four bytes each. */
export class NumberMap {
  readonly #none: number;
  #values: Int32Array;

  /** @param none what is found where nothing was set */
  constructor({ none = 0, size = 1024 }: { none?: number; size?: number } = {}) {
    this.#none = none;
    this.#values = new Int32Array(size).fill(none);
  }

  get(key: number): number {
    return key < this.#values.length ? this.#values[key]! : this.#none;
  }

  set(key: number, value: number): void {
    if (key >= this.#values.length) {
      const longer = new Int32Array(Math.max(key + 1, 2 * this.#values.length)).fill(this.#none);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[key] = value;
  }
}
