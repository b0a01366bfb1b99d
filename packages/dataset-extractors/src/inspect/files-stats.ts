import { readFile } from "node:fs/promises";
import { type DecoderName, loadDecoder } from "../image/decode.js";
import { toGrey } from "../image/grey.js";
import { readHeader } from "../image/header.js";
import { pictureStats, type PictureStats } from "./picture-stats.js";

/** Numbers of image files in their order, `null` where one cannot be read. */
export async function statsOfFiles(files: readonly string[], decoder: DecoderName): Promise<(PictureStats | null)[]> {
  const decode = await loadDecoder(decoder);
  const stats: (PictureStats | null)[] = [];
  for (const file of files) {
    try {
      const bytes = await readFile(file);
      const header = readHeader(bytes);
      stats.push(typeof header === "string" ? null : pictureStats(toGrey(await decode(bytes, header))));
    } catch {
      stats.push(null);
    }
  }
  return stats;
}
