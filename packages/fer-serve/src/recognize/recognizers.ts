/**
 * Pictures in, faces with their expressions out, on several threads. Faces of whichever pictures are predicted together:
 *
 *     pictures -> a thread each (or several small ones) -> faces -> batches of at most `maxBatch` -> a thread each
 *
 * A batch goes when it is full, when its oldest face has waited for `maxWait`, or when no picture is being looked at, so
 * that there is nothing to wait for. Batches go before pictures.
 */
import type { Prediction } from "@fer/core/inference";
import type { ModelInfo } from "@fer/core/run";
import type { Face } from "@fer/recognizer";
import type { FoundFaces, PictureFile, PictureProblem, ThreadSettings } from "./messages.js";
import { Thread, ThreadEnded } from "./thread.js";

/** A face and what it shows; no box where the picture is the face. */
type SeenFace = (Face | { box: null; score: null; eyes: null }) & Prediction;

/** What was seen in a picture. */
export type SeenPicture = { width: number; height: number; faces: SeenFace[] } | { problem: PictureProblem };

export interface RecognizersOptions extends ThreadSettings {
  threads: number;
  maxBatch: number;
  /** Milliseconds. */
  maxWait: number;
  /** Milliseconds that a thread may work at one picture or batch. */
  limit: number;
}

export interface RecognizersHooks {
  /** Told of each batch of faces that was predicted. */
  onBatch(faces: number): void;
  /** Told of a thread that was ended, or ended by itself, and is replaced. */
  onThreadEnded(error: Error): void;
}

/** Something that waits for a thread. */
interface Waiting<In, Out> {
  input: In;
  resolve(value: Out): void;
  reject(error: unknown): void;
  /** `performance.now()` when it came. */
  since: number;
}

/** Bytes up to which pictures are looked at several at a time: a message costs more than they do. */
const SMALL = 16 * 1024;
/** How many, at most. */
const TOGETHER = 16;

export class Recognizers {
  readonly model: ModelInfo;
  readonly #options: RecognizersOptions;
  readonly #hooks: RecognizersHooks;
  readonly #threads = new Set<Thread>();
  readonly #idle: Thread[] = [];
  readonly #pictures: Waiting<PictureFile, FoundFaces>[] = [];
  readonly #faces: Waiting<Uint8Array, Prediction>[] = [];
  /** Pictures that are being looked at. */
  #looking = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @throws FerError where the model cannot be opened. */
  static async open(options: RecognizersOptions, hooks: RecognizersHooks): Promise<Recognizers> {
    const threads = Array.from({ length: options.threads }, () => new Thread(options));
    try {
      const [model] = await Promise.all(threads.map((thread) => thread.loaded));
      return new Recognizers(model!, { options, hooks, threads });
    } catch (error) {
      await Promise.all(threads.map((thread) => thread.end()));
      throw error;
    }
  }

  private constructor(
    model: ModelInfo,
    { options, hooks, threads }: { options: RecognizersOptions; hooks: RecognizersHooks; threads: readonly Thread[] },
  ) {
    this.model = model;
    this.#options = options;
    this.#hooks = hooks;
    for (const thread of threads) this.#add(thread);
  }

  /** Whether every thread that there should be has loaded. */
  get isReady(): boolean {
    return !this.#isClosed && this.#threads.size === this.#options.threads;
  }

  /** Pictures and faces that wait for a thread. */
  get waiting(): number {
    return this.#pictures.length + this.#faces.length;
  }

  /**
   * The faces of a picture and what they show. Where the signal fires, what has not begun is left out.
   *
   * @throws the signal's reason; TookTooLong; ThreadEnded.
   */
  async recognize(picture: PictureFile, { signal }: { signal: AbortSignal }): Promise<SeenPicture> {
    const found = await this.#wait(this.#pictures, { input: picture, signal });
    if ("problem" in found) return found;
    const { width, height, faces, pixels } = found;
    const { size, channels } = this.model;
    const length = size * size * channels;
    const count = pixels.length / length;
    const predictions = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        this.#wait(this.#faces, { input: pixels.subarray(i * length, (i + 1) * length), signal }),
      ),
    );
    const places = faces ?? [{ box: null, score: null, eyes: null }];
    return { width, height, faces: places.map((place, i) => Object.assign({}, place, predictions[i]!)) };
  }

  /** Ends the threads; what waits or runs fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { reject } of [...this.#pictures.splice(0), ...this.#faces.splice(0)])
      reject(new ThreadEnded("the server was stopped"));
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #wait<In, Out>(queue: Waiting<In, Out>[], { input, signal }: { input: In; signal: AbortSignal }): Promise<Out> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const at = queue.indexOf(waiting);
        if (at >= 0) queue.splice(at, 1);
        reject(signal.reason);
      };
      const waiting: Waiting<In, Out> = {
        input,
        since: performance.now(),
        resolve: (value) => {
          signal.removeEventListener("abort", leave);
          resolve(value);
        },
        reject: (error) => {
          signal.removeEventListener("abort", leave);
          reject(error);
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      queue.push(waiting);
      if (signal.aborted) leave();
      this.#schedule();
    });
  }

  /** Gives idle threads what there is to do. */
  #schedule(): void {
    while (this.#idle.length > 0) {
      if (this.#isRipe()) this.#predict(this.#idle.pop()!);
      else if (this.#pictures.length > 0) this.#find(this.#idle.pop()!);
      else break;
    }
    if (this.#faces.length === 0 || this.#timer !== undefined) return;
    const left = Math.max(1, this.#faces[0]!.since + this.#options.maxWait - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#schedule();
    }, left);
  }

  #isRipe(): boolean {
    const { maxBatch, maxWait } = this.#options;
    const [oldest] = this.#faces;
    if (oldest === undefined) return false;
    if (this.#faces.length >= maxBatch || performance.now() - oldest.since >= maxWait) return true;
    return this.#looking === 0 && this.#pictures.length === 0;
  }

  #predict(thread: Thread): void {
    const batch = this.#faces.splice(0, this.#options.maxBatch);
    const length = batch[0]!.input.length;
    const pixels = new Uint8Array(batch.length * length);
    for (const [i, { input }] of batch.entries()) pixels.set(input, i * length);
    this.#hooks.onBatch(batch.length);
    void this.#ask(thread, { question: { do: "predict", pixels }, asked: batch });
  }

  #find(thread: Thread): void {
    const batch = this.#pictures.splice(0, 1);
    const isSmall = (waiting: Waiting<PictureFile, FoundFaces> | undefined): boolean =>
      waiting !== undefined && waiting.input.bytes.length <= SMALL;
    // Other threads have their share.
    const most = Math.min(TOGETHER, Math.ceil((this.#pictures.length + 1) / (this.#idle.length + 1)));
    if (isSmall(batch[0]))
      while (batch.length < most && isSmall(this.#pictures[0])) batch.push(this.#pictures.shift()!);
    this.#looking += batch.length;
    // A small Buffer is a part of a pool, which would be sent as a whole.
    const pictures = batch.map(({ input }) => ({ ...input, bytes: new Uint8Array(input.bytes) }));
    void this.#ask(thread, { question: { do: "find", pictures }, asked: batch }).then(() => {
      this.#looking -= batch.length;
      this.#schedule();
    });
  }

  /** Answers what was asked, each with its own; never fails. */
  async #ask(
    thread: Thread,
    {
      question,
      asked,
    }: {
      question: Parameters<Thread["ask"]>[0];
      asked: readonly Pick<Waiting<unknown, never>, "resolve" | "reject">[];
    },
  ): Promise<void> {
    try {
      const answers = await thread.ask(question, { limit: this.#options.limit });
      for (const [i, { resolve }] of asked.entries()) resolve(answers[i] as never);
    } catch (error) {
      for (const { reject } of asked) reject(error);
      if (thread.hasEnded) return this.#replace(thread, error as Error);
    }
    this.#idle.push(thread);
    this.#schedule();
  }

  #add(thread: Thread): void {
    this.#threads.add(thread);
    this.#idle.push(thread);
    this.#schedule();
  }

  #replace(thread: Thread, error: Error): void {
    this.#threads.delete(thread);
    if (this.#isClosed) return;
    this.#hooks.onThreadEnded(error);
    const next = new Thread(this.#options);
    next.loaded.then(
      () => (this.#isClosed ? void next.end() : this.#add(next)),
      (failure: Error) => this.#hooks.onThreadEnded(failure),
    );
  }
}
