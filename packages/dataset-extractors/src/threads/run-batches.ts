/**
 * Work in batches, in this thread or in a pool, with the results in the order of the batches: the output does not depend
 * on the number of threads. Only a few batches are under way at a time, so memory stays flat however many there are.
 * Threads are started once the work has taken longer than their start does.
 */
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { move, Piscina } from "piscina";
import { z } from "zod";

/** Most threads that are taken without being asked for. */
const MOST = 8;
/** Milliseconds after which threads are worth their start. */
const WORTH_THREADS = 300;
/** Batches that each thread may be ahead. */
const AHEAD = 3;
/** Megabytes in which a thread keeps its newest objects: what a batch leaves behind does not pile up. */
const YOUNG = 2;

/** The option `workers`, which means the same everywhere. */
export const Workers = z
  .number()
  .int()
  .min(0)
  .max(64)
  .default(0)
  .describe(`Threads that decode pictures; 0 takes one a core, at most ${MOST}. Does not change the result`);

/** Ends a worker module that returns pixels: they change threads without a copy. */
export function handOver(pixels: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  // must be the outermost value: piscina looks for it nowhere else
  return move(pixels) as unknown as Uint8Array<ArrayBuffer>;
}

/** What is sent to a thread, and the buffers that change hands. */
interface Message {
  message: unknown;
  transfer?: ArrayBuffer[];
}

/** How a batch is done, here or elsewhere. */
export interface BatchWork<Batch, Result> {
  /** See {@link Workers}. */
  workers: number;
  signal?: AbortSignal | undefined;
  /** Does a batch in this thread. */
  here(batch: Batch): Promise<Result>;
  /** Does it in another one. */
  elsewhere: {
    /** Module whose default export takes a message and returns the answer. */
    file: URL;
    /** `workerData` of the threads. */
    data?: unknown;
    /** What is sent; the batch itself where left out. */
    pack?(batch: Batch): Message;
    /** What comes back; the result itself where left out. */
    unpack?(answer: unknown): Result;
  };
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
  { workers, signal, here, elsewhere }: BatchWork<Batch, Result>,
): AsyncGenerator<{ batch: Batch; result: Result }, void, undefined> {
  const threads = workers === 0 ? Math.min(MOST, availableParallelism()) : workers;
  const {
    file,
    data,
    pack = (batch): Message => ({ message: batch }),
    unpack = (answer) => answer as Result,
  } = elsewhere;
  const waiting: { batch: Batch; result: Promise<Result> }[] = [];
  let pool: Piscina | undefined;
  let loaded: Promise<unknown> | undefined;
  const start = async (batch: Batch): Promise<Result> => {
    if (pool === undefined) return here(batch);
    const { message, transfer = [] } = pack(batch);
    return unpack(await pool.run(message, { transferList: transfer }));
  };
  const next = async () => {
    const { batch, result } = waiting.shift()!;
    return { batch, result: await result };
  };
  const begun = performance.now();
  try {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      if (pool === undefined && threads > 1 && performance.now() - begun > WORTH_THREADS) {
        pool = new Piscina({
          filename: file.href,
          minThreads: threads,
          maxThreads: threads,
          workerData: data,
          resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
        });
        loaded = Promise.all(pool.threads.map(hasLoaded));
        // What becomes of a batch is told where it is awaited; this is an answer to a pool that is gone.
        pool.on("error", () => {});
      }
      const result = start(batch);
      // its failure is thrown where the result is awaited, in order
      result.catch(() => {});
      waiting.push({ batch, result });
      if (waiting.length >= (pool === undefined ? 1 : threads * AHEAD)) yield await next();
    }
    while (waiting.length > 0) {
      signal?.throwIfAborted();
      yield await next();
    }
  } finally {
    await loaded;
    await pool?.destroy();
    await Promise.allSettled(waiting.map(({ result }) => result));
  }
}
