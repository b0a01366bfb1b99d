/** What is looked at is read again and again, once for all who look at it, and told where it has changed. */

/** Milliseconds between two looks at a run. */
const OFTEN = 400;

/** What a look finds. */
type Look = () => Promise<unknown>;

interface Watched {
  look: Look;
  /** The last finding as JSON. */
  last: string | null;
  listeners: Set<(json: string) => void>;
  every: number;
  timer: NodeJS.Timeout | null;
}

export interface WatchOptions {
  look: Look;
  /** Milliseconds between two looks; that of the first who watches counts. */
  every?: number;
  tell: (json: string) => void;
}

/** Looks at files for those who listen. Files are looked at, not watched: that works on network drives too. */
export class Live {
  readonly #watched = new Map<string, Watched>();
  #isClosed = false;

  /**
   * Tells what a look finds, now and whenever it finds something else.
   *
   * @param key What is looked at: one look serves all who name it.
   * @returns Ends it.
   */
  watch(key: string, { look, every = OFTEN, tell }: WatchOptions): () => void {
    const watched = this.#watched.get(key) ?? { look, last: null, listeners: new Set(), every, timer: null };
    const isNew = watched.listeners.size === 0;
    watched.listeners.add(tell);
    this.#watched.set(key, watched);
    if (isNew) void this.#look(key, watched);
    else if (watched.last !== null) tell(watched.last);
    return () => {
      watched.listeners.delete(tell);
      if (watched.listeners.size > 0) return;
      if (watched.timer !== null) clearTimeout(watched.timer);
      this.#watched.delete(key);
    };
  }

  /** Ends all of it. */
  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#watched.values()) if (timer !== null) clearTimeout(timer);
    this.#watched.clear();
  }

  async #look(key: string, watched: Watched): Promise<void> {
    // What cannot be looked at now is looked at again.
    const json = await watched.look().then(
      (found) => JSON.stringify(found),
      () => watched.last,
    );
    if (this.#isClosed || this.#watched.get(key) !== watched) return;
    if (json !== null && json !== watched.last) {
      watched.last = json;
      for (const tell of watched.listeners) tell(json);
    }
    watched.timer = setTimeout(() => void this.#look(key, watched), watched.every);
  }
}
