/** Entry of a pool thread: decodes a batch of image files and returns their numbers, `null` where one cannot be read. */
import { readFile } from "node:fs/promises";
import { workerData } from "node:worker_threads";
import { pictureStats, type PictureStats } from "./picture-stats.js";
import { loadDecoder } from "../image/decode.js";
import type { DecoderName } from "../image/decoder-name.js";
import { toGrey } from "../image/grey.js";
import { readHeader } from "../image/header.js";

const decoder = loadDecoder((workerData as { decoder: DecoderName }).decoder);

/** Numbers in the order of the files. */
export default async function statsOf(files: string[]): Promise<(PictureStats | null)[]> {
  const decode = await decoder;
  const stats: (PictureStats | null)[] = [];
  for (const file of files) {
    const bytes = await readFile(file);
    const header = readHeader(bytes);
    if (typeof header === "string") {
      stats.push(null);
      continue;
    }
    try {
      const picture = await decode(bytes, header);
      stats.push(pictureStats(toGrey(picture), picture.width, picture.height));
    } catch {
      stats.push(null);
    }
  }
  return stats;
}
