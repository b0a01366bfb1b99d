/** Entry of a pool thread: see `files-stats.ts`. */
import { workerData } from "node:worker_threads";
import type { DecoderName } from "../image/decode.js";
import { statsOfFiles } from "./files-stats.js";
import type { PictureStats } from "./picture-stats.js";

export default function work(files: string[]): Promise<(PictureStats | null)[]> {
  return statsOfFiles(files, (workerData as { decoder: DecoderName }).decoder);
}
