/** Extracts the pictures of a stream of samples, in batches, and hands the results back in the order of the samples. */
import { runBatches } from "../threads/run-batches.js";
import { loadDecoder } from "./decode.js";
import type { DecoderName } from "./decoder-name.js";
import { type DetectorModule, openDetector } from "./detect-face.js";
import { extractPicture, type PictureResult, type PictureTask } from "./extract-picture.js";
import { packTasks, unpackResults } from "./message.js";

/** Pictures a batch: enough to make up for the message to a thread. */
const BATCH = 32;
/** Items a batch, with or without a picture. */
const LONGEST = 64 * BATCH;

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
export async function* extractPictures<T>(
  jobs: AsyncIterable<Job<T>>,
  { workers, decoder, detector = null }: { workers: number; decoder: DecoderName; detector?: DetectorModule | null },
): AsyncGenerator<Done<T>> {
  const decode = await loadDecoder(decoder);
  const finder = detector === null ? null : await openDetector(detector);
  const work = {
    workers,
    async here(batch: Job<T>[]) {
      const results: PictureResult[] = [];
      for (const task of tasksOf(batch)) results.push(await extractPicture(task, { decode, finder }));
      return results;
    },
    elsewhere: {
      file: new URL("extract-worker.js", import.meta.url),
      data: { decoder, detector },
      pack(batch: Job<T>[]) {
        const message = packTasks(tasksOf(batch));
        return { message, transfer: [message.pixels.buffer] };
      },
      unpack: (answer: unknown) => unpackResults(answer as string),
    },
  };
  for await (const { batch, result } of runBatches(inBatches(jobs), work)) {
    let next = 0;
    for (const { item, task } of batch) yield task === undefined ? { item } : { item, result: result[next++]! };
  }
}

const tasksOf = (batch: readonly Job<unknown>[]): PictureTask[] =>
  batch.flatMap(({ task }) => (task === undefined ? [] : [task]));

async function* inBatches<T>(jobs: AsyncIterable<Job<T>>): AsyncGenerator<Job<T>[]> {
  let batch: Job<T>[] = [];
  let pictures = 0;
  for await (const job of jobs) {
    batch.push(job);
    if (job.task !== undefined) pictures += 1;
    if (pictures < BATCH && batch.length < LONGEST) continue;
    yield batch;
    batch = [];
    pictures = 0;
  }
  if (batch.length > 0) yield batch;
}
