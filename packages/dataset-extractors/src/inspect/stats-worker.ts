/** Entry of a pool thread: see `files-stats.ts`. */
import { workerData } from "node:worker_threads";
import type { DecoderName } from "../image/decode.js";
import { type PictureFound, statsOfFiles } from "./files-stats.js";

export default function work(files: string[]): Promise<PictureFound[]> {
  return statsOfFiles(files, (workerData as { decoder: DecoderName }).decoder);
}
