/** Entry of a pool thread: see `files-stats.ts`. */
import { workerData } from "node:worker_threads";
import type { DecoderName } from "../image/decoder-name.js";
import type { ExtractedPicture } from "../image/shows-extracted.js";
import { type PictureFound, statsOfFiles } from "./files-stats.js";

export default function work(pictures: ExtractedPicture[]): Promise<PictureFound[]> {
  return statsOfFiles(pictures, (workerData as { decoder: DecoderName }).decoder);
}
