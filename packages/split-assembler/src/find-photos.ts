/** Reads the pictures of samples and says which show the same photo. */
import type { TaskHooks } from "@fer/core";
import type { DecoderName } from "@fer/dataset-extractors/image";
import { photosOf, sketchFiles } from "@fer/dataset-extractors/twins";
import type { Samples } from "./merge/samples.js";
import { pickedItems } from "./policies/split-item.js";

/** How the pictures are read. */
export interface PhotoSearch extends TaskHooks {
  workers: number;
  decoder: DecoderName;
}

/** Sides of a split on which a sample stands, as bits. */
export const SIDES = { train: 1, heldOut: 2, both: 3 } as const;

/**
 * A number for each sample, which those of one photo share.
 *
 * @param sides {@link SIDES} of each sample, 0 for neither: only pictures on different sides are compared, and only
 * those are read
 */
export async function findPhotos(
  samples: Samples,
  { sides, ...search }: PhotoSearch & { sides: Uint8Array },
): Promise<Uint32Array> {
  const photos = Uint32Array.from(samples.keys());
  const isOneSided = !sides.includes(SIDES.both) && !(sides.includes(SIDES.train) && sides.includes(SIDES.heldOut));
  if (isOneSided) return photos;
  const looked = photos.filter((i) => sides[i] !== 0);
  const pictures = pickedItems(samples, looked);
  const sketches = await sketchFiles(filesOf(pictures), { ...search, count: looked.length });
  try {
    const pixels = Uint32Array.from(pictures, (picture) => picture.pixels);
    const found = await photosOf({ sketches, pixels, sides: Uint8Array.from(looked, (i) => sides[i]!) }, search);
    for (const [at, i] of looked.entries()) photos[i] = looked[found.photos[at]!]!;
  } finally {
    sketches.close();
  }
  return photos;
}

function* filesOf(samples: Iterable<{ file: string }>): Generator<string> {
  for (const { file } of samples) yield file;
}
