/**
 * Prepares pictures in batches, in the main thread (one worker) or in a piscina pool, and hands the results back in
 * the order of the samples, so that the output does not depend on the number of workers. At most a few batches are under
 * way: memory stays flat however long the dataset is.
 */
import { Piscina } from "piscina";
import { loadDecoder } from "./decode.js";
import type { DecoderName } from "./decoder-name.js";
import { packTasks, unpackResults, type BatchMessage } from "./message.js";
import { preparePicture, type PictureResult, type PictureTask } from "./prepare.js";

/** Pictures a batch: in threads enough to make up for the message, here enough to make up for the wait. */
const BATCH = { threads: 32, here: 16 };

/** Megabytes in which a thread keeps its newest objects: what a batch leaves behind does not pile up. */
const YOUNG = 2;

/** A sample waiting for its picture, or something that needs none and keeps its place in the order. */
export interface Job<T> {
  item: T;
  task?: PictureTask;
}

/** A job with the result of its task. */
export interface Done<T> {
  item: T;
  result?: PictureResult;
}

/** Runs the tasks of a stream of jobs; yields all jobs in their order. */
export async function* preparePictures<T>(
  jobs: AsyncIterable<Job<T>>,
  { workers, decoder }: { workers: number; decoder: DecoderName },
): AsyncGenerator<Done<T>> {
  const run = workers > 1 ? threads(workers, decoder) : await inProcess(decoder);
  const waiting: { batch: Job<T>[]; results: Promise<PictureResult[]> }[] = [];
  const limit = workers > 1 ? workers * 3 : 1;
  const size = workers > 1 ? BATCH.threads : BATCH.here;
  let batch: Job<T>[] = [];
  let pictures = 0;
  const start = () => {
    const tasks = batch.flatMap((job) => (job.task === undefined ? [] : [job.task]));
    const results = tasks.length === 0 ? Promise.resolve([]) : run.batch(tasks);
    // its failure is thrown where the results are awaited
    results.catch(() => {});
    waiting.push({ batch, results });
    batch = [];
    pictures = 0;
  };
  const finish = async function* () {
    const { batch, results } = waiting.shift()!;
    const done = await results;
    let next = 0;
    for (const { item, task } of batch) {
      if (task === undefined) yield { item };
      else yield { item, result: done[next++]! };
    }
  };
  try {
    for await (const job of jobs) {
      batch.push(job);
      if (job.task !== undefined) pictures += 1;
      if (pictures < size && batch.length < size * 64) continue;
      start();
      if (waiting.length >= limit) yield* finish();
    }
    if (batch.length > 0) start();
    while (waiting.length > 0) yield* finish();
  } finally {
    await Promise.allSettled(waiting.map(({ results }) => results));
    await run.close();
  }
}

interface Runner {
  batch(tasks: PictureTask[]): Promise<PictureResult[]>;
  close(): Promise<void>;
}

async function inProcess(decoder: DecoderName): Promise<Runner> {
  const decode = await loadDecoder(decoder);
  return {
    async batch(tasks) {
      const results: PictureResult[] = [];
      for (const task of tasks) results.push(await preparePicture(task, decode));
      return results;
    },
    close: async () => {},
  };
}

function threads(workers: number, decoder: DecoderName): Runner {
  const pool = new Piscina<BatchMessage, string>({
    filename: new URL("./worker.js", import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    workerData: { decoder },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  });
  return {
    async batch(tasks) {
      const message = packTasks(tasks);
      return unpackResults(await pool.run(message, { transferList: [message.pixels.buffer] }));
    },
    close: () => pool.destroy(),
  };
}
