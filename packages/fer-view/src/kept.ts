/** What was made of files, as long as these are as they were: that which was asked for last stays, older ones go. */
export class Kept<T> {
  readonly #most: number;
  readonly #drop: (value: T) => void;
  /** The one that was asked for last is last. */
  readonly #kept = new Map<string, { stamp: string; value: Promise<T> }>();

  /** @param options.drop Gets each that goes. */
  constructor({ most, drop = () => undefined }: { most: number; drop?: (value: T) => void }) {
    this.#most = most;
    this.#drop = drop;
  }

  /**
   * The one of this key; made where there is none, or its files have changed. One that cannot be made is not kept.
   *
   * @param options.stamp another one where the files have changed
   */
  async get(key: string, { stamp, make }: { stamp: string; make: () => Promise<T> }): Promise<T> {
    if (this.#kept.get(key)?.stamp !== stamp) this.#remove(key);
    const kept = this.#kept.get(key) ?? { stamp, value: make() };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const oldest of [...this.#kept.keys()].slice(0, -this.#most)) this.#remove(oldest);
    try {
      return await kept.value;
    } catch (error) {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
      throw error;
    }
  }

  /** Lets all of them go. */
  clear(): void {
    for (const key of this.#kept.keys()) this.#remove(key);
  }

  #remove(key: string): void {
    this.#kept.get(key)?.value.then(this.#drop, () => undefined);
    this.#kept.delete(key);
  }
}
