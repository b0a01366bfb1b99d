/** Prepares the pictures of a set in order, in this thread or in a pool. */
import { DatasetError } from "@fer/core";
import { type ExtractedPicture } from "@fer/dataset-extractors/image";
import { runBatches, Threads } from "@fer/dataset-extractors/threads";
import { type PrepareBatch, prepareBatch, type PreparedBatch } from "./prepare-batch.js";

const BATCH = 64;

export interface PrepareOptions {
  settings: PrepareBatch["settings"];
  workers: number;
  /** Those of {@link startPreparing}. */
  threads?: Threads | undefined;
  signal?: AbortSignal | undefined;
}

const WORKER = { file: new URL("worker.js", import.meta.url) };

/** Starts threads for so many pictures, to load while other things are done; `undefined` where they are too few for it. */
export const startPreparing = (count: number, { workers }: Pick<PrepareOptions, "workers">): Threads | undefined =>
  Threads.areWorthIt(count / BATCH) ? Threads.start(WORKER, { workers }) : undefined;

/** Yields the row of each picture, `[size, size, channels]`, valid until the next one is asked for. */
export async function* prepareImages(
  pictures: Iterable<ExtractedPicture> & { length: number },
  { settings, workers, threads, signal }: PrepareOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const length = settings.size * settings.size * settings.channels;
  const count = Math.ceil(pictures.length / BATCH);
  const work = { workers, threads, count, signal, here: prepareBatch, elsewhere: WORKER };
  for await (const { result } of runBatches<PrepareBatch, PreparedBatch>(batches(pictures, settings), work)) {
    if (!(result instanceof Uint8Array)) throw badImage(result);
    for (let at = 0; at < result.length; at += length) yield result.subarray(at, at + length);
  }
}

function* batches(
  pictures: Iterable<ExtractedPicture>,
  settings: PrepareBatch["settings"],
): Generator<PrepareBatch, void, undefined> {
  let batch: ExtractedPicture[] = [];
  for (const { file, pixelHash, dhash, decoder } of pictures) {
    // without what else the callers know of them, which need not cross to another thread
    batch.push({ file, pixelHash, dhash, decoder });
    if (batch.length < BATCH) continue;
    yield { pictures: batch, settings };
    batch = [];
  }
  if (batch.length > 0) yield { pictures: batch, settings };
}

function badImage({ file, problem }: { file: string; problem: string }): DatasetError {
  return new DatasetError({
    code: "BAD_IMAGE",
    subject: file,
    found: problem,
    expected: "the image that the extraction wrote",
    fix: "Extract the dataset again",
    context: { file },
  });
}
