/** How much is under way: what is beyond it is sent away at once, before its body is read, and told when to come again. */
import { HttpProblem } from "@fer/core/http";
import type { ServeOptions } from "../options.js";

/** Weight of the newest request in the mean time that one takes. */
const NEWEST = 0.05;
/** Seconds that are asked for at most. */
const LONGEST_WAIT = 60;

export interface AdmissionOptions extends Pick<ServeOptions, "maxQueue" | "maxMemory" | "maxBody"> {
  /** Told of each request that is sent away. */
  onRejected(reason: "queue" | "memory"): void;
}

export class Admission {
  readonly #options: AdmissionOptions;
  #requests = 0;
  #bytes = 0;
  /** Mean seconds that a request takes. */
  #seconds = 0.1;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Requests that are under way. */
  get requests(): number {
    return this.#requests;
  }

  /**
   * Takes a request in.
   *
   * @param length Of its body; one that is not known may be as long as any.
   * @returns A function that gives its place back; calling it twice is fine.
   * @throws HttpProblem 413 for a body that is too long, 429 where there is no place.
   */
  enter(length: number | undefined): () => void {
    const { maxQueue, maxMemory, maxBody, onRejected } = this.#options;
    const bytes = length ?? maxBody * 1e6;
    if (bytes > maxBody * 1e6) throw tooLong(maxBody);
    if (this.#requests >= maxQueue) {
      onRejected("queue");
      throw this.#busy();
    }
    if (this.#requests > 0 && this.#bytes + bytes > maxMemory * 1e6) {
      onRejected("memory");
      throw this.#busy();
    }
    this.#requests += 1;
    this.#bytes += bytes;
    const since = performance.now();
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#requests -= 1;
      this.#bytes -= bytes;
      this.#seconds += NEWEST * ((performance.now() - since) / 1000 - this.#seconds);
    };
  }

  #busy(): HttpProblem {
    const seconds = Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(this.#seconds)));
    return new HttpProblem(429, {
      code: "BUSY",
      message: `The server has as much to do as it takes on: ask again in ${seconds} s`,
      headers: { "retry-after": String(seconds) },
    });
  }
}

export const tooLong = (maxBody: number): HttpProblem =>
  new HttpProblem(413, { code: "TOO_LARGE", message: `The body is longer than ${maxBody} MB` });
