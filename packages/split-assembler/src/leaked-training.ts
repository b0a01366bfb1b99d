/**
 * Which training samples stand in val or test as well, as the same pixels or as the same photo: what `leaks:
 * "drop-from-train"` takes out. Val and test are never thinned.
 */
import { NumberMap } from "@fer/core";

/** What is looked at of samples, by position. */
interface Pictured {
  /** A number that pictures of the same pixels share. */
  pixels: ArrayLike<number>;
  /** A number that the pictures of one photo share; `null` where near ones were not looked for. */
  photos: ArrayLike<number> | null;
}

/** A training sample, and one that it is a twin of; positions. */
export interface Leaked {
  sample: number;
  twin: number;
  kind: "exact" | "near";
}

/** @param sides positions of samples */
export function leakedTraining(
  { pixels, photos }: Pictured,
  { train, heldOut }: { train: Iterable<number>; heldOut: Iterable<number> },
): Leaked[] {
  const byPixels = new NumberMap({ none: NONE });
  const byPhoto = new NumberMap({ none: NONE });
  for (const i of heldOut) {
    if (byPixels.get(pixels[i]!) === NONE) byPixels.set(pixels[i]!, i);
    if (photos !== null && byPhoto.get(photos[i]!) === NONE) byPhoto.set(photos[i]!, i);
  }
  const leaked: Leaked[] = [];
  for (const sample of train) {
    const exact = byPixels.get(pixels[sample]!);
    const near = photos === null ? NONE : byPhoto.get(photos[sample]!);
    if (exact !== NONE) leaked.push({ sample, twin: exact, kind: "exact" });
    else if (near !== NONE) leaked.push({ sample, twin: near, kind: "near" });
  }
  return leaked;
}

const NONE = -1;
