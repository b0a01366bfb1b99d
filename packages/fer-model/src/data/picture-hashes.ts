/** Difference hashes of the images of a set, as it stores them: what tells images that look nearly the same. */
import { dhash, greyBytes } from "@fer/core";
import { turns } from "../turns.js";
import type { Subset } from "./subset.js";

/** Images that are read at a time. */
const CHUNK = 256;

/** One hash an image, in order; 16 hex digits. */
export async function pictureHashes(samples: Subset, signal?: AbortSignal): Promise<string[]> {
  const [height, width, channels] = samples.shape;
  const length = height * width * channels;
  const turn = turns(signal);
  const hashes: string[] = [];
  for (let from = 0; from < samples.count; from += CHUNK) {
    await turn();
    const count = Math.min(CHUNK, samples.count - from);
    const pixels = await samples.read(Uint32Array.from({ length: count }, (_, i) => from + i));
    for (let i = 0; i < count; i++) {
      const image = pixels.subarray(i * length, (i + 1) * length);
      hashes.push(dhash({ width, height, data: channels === 1 ? image : greyBytes(image) }));
    }
  }
  return hashes;
}
