/**
 * Work in batches, in this thread or in a pool, with the results in the order of the batches: the output does not depend
 * on the number of threads. Only a few batches are under way at a time, so memory stays flat however many there are.
 * Threads are started once the work has taken longer than their start does, or at once where there is much of it; until
 * they have loaded their module, this one goes on.
 */
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { MOST_THREADS } from "./most-threads.js";

/** Milliseconds after which threads are worth their start. */
const WORTH_THREADS = 300;
/** Batches that are worth it in any case: some thousand pictures. */
const MANY_BATCHES = 64;
/** Batches that each thread may be ahead. */
const AHEAD = 3;
/** Megabytes in which a thread keeps its newest objects: what a batch leaves behind does not pile up. */
const YOUNG = 2;

/** What is sent to a thread, and the buffers that change hands. */
interface Message {
  message: unknown;
  transfer?: ArrayBuffer[];
}

/** What threads load. */
interface ThreadModule {
  /** Module whose default export takes a message and returns the answer. */
  file: URL;
  /** `workerData` of the threads. */
  data?: unknown;
}

/** How a batch is done, here or elsewhere. */
export interface BatchWork<Batch, Result> {
  /** The option of that name: see `workers.ts`. */
  workers: number;
  /** Threads that have been started for it; whoever did ends them. */
  threads?: Threads | undefined;
  /** How many batches there are, where that is known. */
  count?: number;
  signal?: AbortSignal | undefined;
  /** Does a batch in this thread. */
  here(batch: Batch): Promise<Result>;
  /** Does it in another one. */
  elsewhere: ThreadModule & {
    /** What is sent; the batch itself where left out. */
    pack?(batch: Batch): Message;
    /** What comes back; the result itself where left out. */
    unpack?(answer: unknown): Result;
  };
}

/** Threads that load a module, or have loaded it. */
export class Threads {
  readonly #pool: Piscina;
  readonly #loaded: Promise<unknown>;
  /** Whether all of them can be given work. */
  isReady = false;

  private constructor({ file, data }: ThreadModule, count: number) {
    this.#pool = new Piscina({
      filename: file.href,
      minThreads: count,
      maxThreads: count,
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    });
    this.#loaded = Promise.all(this.#pool.threads.map(hasLoaded)).then(() => (this.isReady = true));
    // What becomes of a batch is told where it is awaited; this is an answer to a pool that is gone.
    this.#pool.on("error", () => {});
  }

  /** Starts so many, `undefined` for less than two: this thread does it all then. */
  static start(module: ThreadModule, { workers }: Pick<BatchWork<never, never>, "workers">): Threads | undefined {
    const count = workers === 0 ? Math.min(MOST_THREADS, availableParallelism()) : workers;
    return count > 1 ? new Threads(module, count) : undefined;
  }

  /** Whether so many batches are worth threads at once. */
  static areWorthIt = (batches: number): boolean => batches >= MANY_BATCHES;

  /** Batches that may be under way. */
  get ahead(): number {
    return this.#pool.threads.length * AHEAD;
  }

  /** Has a message answered. */
  run({ message, transfer = [] }: Message): Promise<unknown> {
    return this.#pool.run(message, { transferList: transfer });
  }

  /** Ends them, once they have loaded. */
  async end(): Promise<void> {
    await this.#loaded;
    await this.#pool.destroy();
  }
}

/**
 * Its first message says that a thread has loaded its module. One that is ended before that ends the whole process
 * (Node 20: "IsGraphAsync must be used on an instantiated module").
 */
const hasLoaded = (thread: Worker): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ["message", "error", "exit"]) thread.once(event, () => resolve());
  });

/** Does all batches; yields each with its result. */
export async function* runBatches<Batch, Result>(
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  { workers, threads: given, count = 0, signal, here, elsewhere }: BatchWork<Batch, Result>,
): AsyncGenerator<{ batch: Batch; result: Result }, void, undefined> {
  const { pack = (batch): Message => ({ message: batch }), unpack = (answer) => answer as Result } = elsewhere;
  const waiting: { batch: Batch; result: Promise<Result> }[] = [];
  let threads = given;
  const start = async (batch: Batch): Promise<Result> =>
    threads?.isReady === true ? unpack(await threads.run(pack(batch))) : here(batch);
  const next = async () => {
    const { batch, result } = waiting.shift()!;
    return { batch, result: await result };
  };
  const begun = performance.now();
  let isDecided = threads !== undefined;
  try {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      if (!isDecided && (Threads.areWorthIt(count) || performance.now() - begun > WORTH_THREADS)) {
        isDecided = true;
        threads = Threads.start(elsewhere, { workers });
      }
      const result = start(batch);
      // its failure is thrown where the result is awaited, in order
      result.catch(() => {});
      waiting.push({ batch, result });
      if (waiting.length >= (threads?.isReady === true ? threads.ahead : 1)) yield await next();
    }
    while (waiting.length > 0) {
      signal?.throwIfAborted();
      yield await next();
    }
  } finally {
    if (threads !== given) await threads?.end();
    await Promise.allSettled(waiting.map(({ result }) => result));
  }
}
