/** Entry of a pool thread: see `sketch-files.ts`. */
import { handOver } from "../threads/hand-over.js";
import { type SketchBatch, sketchBatch } from "./sketch-batch.js";

export default async function work(batch: SketchBatch): Promise<Uint8Array<ArrayBuffer>> {
  return handOver(await sketchBatch(batch));
}
