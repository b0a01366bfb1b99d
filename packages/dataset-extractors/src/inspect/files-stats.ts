import { readFile } from "node:fs/promises";
import { type DecoderName, loadDecoder } from "../image/decode.js";
import { toGrey } from "../image/grey.js";
import { pixelHash } from "../image/hash.js";
import { readHeader } from "../image/header.js";
import { pictureStats, type PictureStats } from "./picture-stats.js";

/** What is found of a picture that is listed: its numbers, and the hash of its pixels. */
export type PictureFound = (PictureStats & { pixelHash: string }) | "missing" | "undecodable";

/** Image files in their order. */
export async function statsOfFiles(files: readonly string[], decoder: DecoderName): Promise<PictureFound[]> {
  const found: PictureFound[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" ? ("missing" as const) : ("undecodable" as const),
    );
    found.push(typeof bytes === "string" ? bytes : await numbersOf(bytes, decoder).catch(() => "undecodable" as const));
  }
  return found;
}

async function numbersOf(bytes: Buffer, decoder: DecoderName): Promise<PictureFound> {
  const decode = await loadDecoder(decoder);
  const header = readHeader(bytes);
  if (typeof header === "string") return "undecodable";
  const grey = toGrey(await decode(bytes, header));
  return { ...pictureStats(grey), pixelHash: pixelHash(grey) };
}
