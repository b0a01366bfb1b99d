/**
 * Which training samples stand in val or test as well, as the same pixels or as the same photo: what `leaks:
 * "drop-from-train"` takes out. Val and test are never thinned.
 */

/** What is looked at of a sample. */
interface Pictured {
  pixelHash: string;
  /** A number that the pictures of one photo share; `null` where near ones were not looked for. */
  photo: number | null;
}

/** A training sample, and one that it is a twin of; positions. */
export interface Leaked {
  sample: number;
  twin: number;
  kind: "exact" | "near";
}

/** @param sides positions in `samples` */
export function leakedTraining(
  samples: readonly Pictured[],
  { train, heldOut }: { train: Iterable<number>; heldOut: Iterable<number> },
): Leaked[] {
  const byPixels = new Map<string, number>();
  const byPhoto = new Map<number, number>();
  for (const i of heldOut) {
    const { pixelHash, photo } = samples[i]!;
    if (!byPixels.has(pixelHash)) byPixels.set(pixelHash, i);
    if (photo !== null && !byPhoto.has(photo)) byPhoto.set(photo, i);
  }
  const leaked: Leaked[] = [];
  for (const sample of train) {
    const { pixelHash, photo } = samples[sample]!;
    const exact = byPixels.get(pixelHash);
    const near = photo === null ? undefined : byPhoto.get(photo);
    if (exact !== undefined) leaked.push({ sample, twin: exact, kind: "exact" });
    else if (near !== undefined) leaked.push({ sample, twin: near, kind: "near" });
  }
  return leaked;
}
