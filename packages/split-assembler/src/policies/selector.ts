/**
 * Selectors say which samples go into a part, from the general to the special:
 *
 *     val            that part of its owner, of every dataset (`all`: what its owner has in no part)
 *     ckplus         a dataset, whole
 *     rafdb/train    that part of one dataset
 */
import { OptionsError } from "@fer/core";
import type { Items, SplitItem } from "./split-item.js";

const OWNER_PARTS = new Set(["train", "val", "test", "all"]);

/** Name of the dataset that a sample is from: its key starts with it. */
export const datasetOf = (item: Pick<SplitItem, "key" | "dataset">): string =>
  item.dataset ?? item.key.split("/", 1)[0]!;

/** Samples by dataset and owner's part: `{ "rafdb/train": 12271 }`, by name. */
export function countOrigins(items: Items): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const origin = `${datasetOf(item)}/${item.split}`;
    counts.set(origin, (counts.get(origin) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Which samples the selectors take.
 *
 * @throws OptionsError `UNKNOWN_SELECTOR` for one that takes nothing
 */
export function selected(
  option: string,
  { selectors, items }: { selectors: readonly string[]; items: Items },
): Uint8Array {
  const taken = new Uint8Array(items.length);
  for (const selector of selectors) {
    const [dataset, split] = OWNER_PARTS.has(selector) ? [undefined, selector] : selector.split("/", 2);
    let matches = 0;
    for (const [i, item] of items.entries()) {
      if (dataset !== undefined && datasetOf(item) !== dataset) continue;
      if (split !== undefined && item.split !== split) continue;
      taken[i] = 1;
      matches += 1;
    }
    if (matches > 0) continue;
    const there = Object.entries(countOrigins(items)).map(([origin, count]) => `${origin} (${count})`);
    throw new OptionsError({
      code: "UNKNOWN_SELECTOR",
      subject: "assembler options",
      found: `${option}: "${selector}" takes no image`,
      expected: `a part, a dataset or a part of one that the images are in: ${there.join(", ")}`,
    });
  }
  return taken;
}
