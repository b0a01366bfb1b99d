/** A thread of {@link Recognizers}, from the side of the server: one question at a time, each within a time limit. */
import type { ModelInfo } from "@fer/core/run";
import { Worker } from "node:worker_threads";
import { revived } from "@fer/core/carried-error";
import type { Answer, AnswerValue, Loaded, Question, ThreadSettings } from "./messages.js";

/** A question took longer than it may; the thread was ended. */
export class TookTooLong extends Error {
  override readonly name = "TookTooLong";
}

/** A thread has ended by itself, with what it was asked. */
export class ThreadEnded extends Error {
  override readonly name = "ThreadEnded";
}

/** Megabytes in which a thread keeps its newest objects: what a picture leaves behind does not pile up. */
const YOUNG = 16;

export class Thread {
  /** What it has loaded. */
  readonly loaded: Promise<ModelInfo>;
  readonly #worker: Worker;
  readonly #ended: Promise<never>;
  #hasEnded = false;

  constructor(settings: ThreadSettings) {
    const worker = new Worker(new URL("recognize-worker.js", import.meta.url), {
      workerData: settings,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    });
    this.#worker = worker;
    this.#ended = new Promise((_, reject) => {
      const end = (error: Error): void => {
        this.#hasEnded = true;
        reject(error);
      };
      worker.once("error", (cause) => end(new ThreadEnded(`a thread has failed: ${cause.message}`, { cause })));
      worker.once("exit", (code) => end(new ThreadEnded(`a thread has ended (exit code ${code})`)));
    });
    // It is told with what is asked.
    this.#ended.catch(() => undefined);
    this.loaded = Promise.race([this.#next<Loaded>(), this.#ended]).then((first) => {
      if ("model" in first) return first.model;
      throw revived(first.failure);
    });
    this.loaded.catch(() => undefined);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * @param question Its bytes change hands.
   * @param limit Milliseconds; beyond them the thread is ended.
   * @throws TookTooLong; ThreadEnded; Error with the stack of what failed there.
   */
  async ask(question: Question, { limit }: { limit: number }): Promise<AnswerValue> {
    await this.loaded;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new TookTooLong(`longer than ${limit} ms`));
        void this.end();
      }, limit);
    });
    try {
      const answer = this.#next<Answer>();
      const buffers =
        question.do === "find" ? question.pictures.map(({ bytes }) => bytes.buffer) : [question.pixels.buffer];
      this.#worker.postMessage(question, buffers as ArrayBuffer[]);
      const found = await Promise.race([answer, late, this.#ended]);
      if ("failure" in found) throw new Error(found.failure);
      return found.value;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ended while it loads, a thread takes the process with it on Node 20. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.loaded.catch(() => undefined);
    await this.#worker.terminate();
  }

  #next<T>(): Promise<T> {
    return new Promise((resolve) => void this.#worker.once("message", resolve));
  }
}
