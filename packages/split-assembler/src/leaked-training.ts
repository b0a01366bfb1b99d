/**
 * Which training samples stand in val or test as well, as the same pixels or nearly the same: what `leaks:
 * "drop-from-train"` takes out. Val and test are never thinned.
 */
import { nearIndex } from "@fer/core";

/** What is looked at of a sample. */
interface Pictured {
  pixelHash: string;
  /** 64-bit difference hash, 16 hex digits. */
  dhash: string;
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
  const byHash = new Map<string, number>();
  for (const i of heldOut) {
    const { pixelHash, dhash } = samples[i]!;
    if (!byPixels.has(pixelHash)) byPixels.set(pixelHash, i);
    if (!byHash.has(dhash)) byHash.set(dhash, i);
  }
  // each hash once: ten thousand black pictures are one
  const hashes = [...byHash.keys()];
  const index = nearIndex(hashes);
  const leaked: Leaked[] = [];
  for (const sample of train) {
    const { pixelHash, dhash } = samples[sample]!;
    const twin = byPixels.get(pixelHash);
    if (twin !== undefined) {
      leaked.push({ sample, twin, kind: "exact" });
      continue;
    }
    const [near] = index.near(dhash, true);
    if (near !== undefined) leaked.push({ sample, twin: byHash.get(hashes[near]!)!, kind: "near" });
  }
  return leaked;
}
