/** Sketches picture files, in this thread or in a pool. */
import { ByteStore, type TaskHooks } from "@fer/core";
import type { DecoderName } from "../image/decoder-name.js";
import { runBatches } from "../threads/run-batches.js";
import { type SketchBatch, sketchBatch } from "./sketch-batch.js";

/** Files a batch of a decoding thread. */
const BATCH = 64;

/**
 * Sketches one after another, `[count, SKETCH_BYTES]`, to be closed; that of a picture which cannot be read is blank.
 *
 * @param count how many files there are
 */
export async function sketchFiles(
  files: Iterable<string>,
  { count, workers, decoder, onProgress, signal }: { count: number; workers: number; decoder: DecoderName } & TaskHooks,
): Promise<ByteStore> {
  const sketches = new ByteStore();
  const elsewhere = { file: new URL("sketch-worker.js", import.meta.url) };
  const work = { workers, count: Math.ceil(count / BATCH), signal, here: sketchBatch, elsewhere };
  let done = 0;
  try {
    for await (const { batch, result } of runBatches<SketchBatch, Uint8Array>(batches(files, decoder), work)) {
      sketches.append(result);
      done += batch.files.length;
      onProgress?.({ stage: "sketch", done, total: count, unit: "images" });
    }
  } catch (error) {
    sketches.close();
    throw error;
  }
  return sketches;
}

function* batches(files: Iterable<string>, decoder: DecoderName): Generator<SketchBatch, void, undefined> {
  let batch: string[] = [];
  for (const file of files) {
    batch.push(file);
    if (batch.length < BATCH) continue;
    yield { files: batch, decoder };
    batch = [];
  }
  if (batch.length > 0) yield { files: batch, decoder };
}
