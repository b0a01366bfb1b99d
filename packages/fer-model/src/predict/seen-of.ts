/** What a network has seen of the samples that it is scored on. */
import type { Metrics, SeenIndex } from "@fer/core/run";
import type { SampleRow } from "@fer/core/set";

/** Counts of images (same pixels) and of groups; `null` where it is not known what the network has seen. */
export function seenOf(rows: readonly SampleRow[], index: SeenIndex | null): NonNullable<Metrics["seen"]> | null {
  if (index === null) return null;
  const groups = new Set<string>();
  let images = 0;
  for (const { pixel_hash, group } of rows) {
    if (index.hasPixels(pixel_hash)) images += 1;
    if (group !== null && index.groups.has(group)) groups.add(group);
  }
  return { images, groups: groups.size };
}
