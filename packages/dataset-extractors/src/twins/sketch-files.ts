/** Sketches picture files, in this thread or in a pool. */
import type { TaskHooks } from "@fer/core";
import type { DecoderName } from "../image/decode.js";
import { runBatches } from "../threads/run-batches.js";
import { SKETCH_BYTES } from "./sketch.js";
import { type SketchBatch, sketchBatch } from "./sketch-batch.js";

/** Files a batch of a decoding thread. */
const BATCH = 64;

/** Sketches one after another, `[files.length, SKETCH_BYTES]`; that of a picture which cannot be read is blank. */
export async function sketchFiles(
  files: readonly string[],
  { workers, decoder, onProgress, signal }: { workers: number; decoder: DecoderName } & TaskHooks,
): Promise<Uint8Array> {
  const sketches = new Uint8Array(files.length * SKETCH_BYTES);
  const batches = Array.from({ length: Math.ceil(files.length / BATCH) }, (_, i) => ({
    files: files.slice(i * BATCH, (i + 1) * BATCH),
    decoder,
  }));
  const elsewhere = { file: new URL("sketch-worker.js", import.meta.url) };
  let done = 0;
  for await (const { batch, result } of runBatches<SketchBatch, Uint8Array>(batches, {
    workers,
    signal,
    here: sketchBatch,
    elsewhere,
  })) {
    sketches.set(result, done * SKETCH_BYTES);
    done += batch.files.length;
    onProgress?.({ stage: "sketch", done, total: files.length, unit: "images" });
  }
  return sketches;
}
