/**
 * Prepares image files in order, in the main thread or in a pool of threads. Only a few batches are under way at a
 * time, so memory does not grow with the dataset, and results come back in the order of the files, so the number of
 * threads does not change a byte.
 */
import { availableParallelism } from "node:os";
import { DatasetError } from "@fer/core";
import { Piscina } from "piscina";
import { type ImageSettings, type PreparedBatch, prepareBatch } from "./prepare.js";
import type { WorkerTask } from "./worker.js";

const BATCH = 64;
/** Below this many images, starting threads takes longer than decoding. */
const WORTH_A_POOL = 512;

/** Yields the row of each file, `[size, size, channels]`, valid until the next one is asked for. */
export async function* prepareImages(
  files: readonly string[],
  settings: ImageSettings,
  { workers, signal }: { workers: number; signal?: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  const threads = workers === 0 ? (files.length < WORTH_A_POOL ? 1 : Math.min(8, availableParallelism())) : workers;
  const pool = threads === 1 ? null : startPool(threads);
  const run = (batch: readonly string[]): Promise<PreparedBatch> =>
    pool === null ? prepareBatch(batch, settings) : pool.run({ files: batch, settings });
  const ahead = pool === null ? 1 : threads * 3;
  const waiting: Promise<PreparedBatch>[] = [];
  const length = settings.size * settings.size * settings.channels;
  try {
    for (let next = 0; next < files.length || waiting.length > 0;) {
      signal?.throwIfAborted();
      while (next < files.length && waiting.length < ahead) {
        const batch = run(files.slice(next, next + BATCH));
        // Its failure is thrown where it is awaited, in order.
        batch.catch(() => {});
        waiting.push(batch);
        next += BATCH;
      }
      const done = await waiting.shift()!;
      if (!(done instanceof Uint8Array)) throw badImage(done.file, done.problem);
      for (let at = 0; at < done.length; at += length) yield done.subarray(at, at + length);
    }
  } finally {
    await pool?.destroy();
  }
}

function startPool(threads: number): Piscina<WorkerTask, PreparedBatch> {
  return new Piscina({
    filename: new URL("worker.js", import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
}

function badImage(file: string, problem: string): DatasetError {
  return new DatasetError({
    code: "BAD_IMAGE",
    subject: file,
    found: problem,
    expected: "the image that the extraction wrote",
    fix: "Extract the dataset again",
    context: { file },
  });
}
