/** Samples as policies see them, and their order in a set: by class, then by key. */
import { byCodeUnit } from "@fer/core";
import type { Split } from "@fer/core/image-folder";

/** What a policy knows of a sample. */
export interface SplitItem {
  /** `<dataset>/<owner's part>/<file>`. Unique; samples are ordered by class, then by it, by code unit. */
  key: string;
  /** As its owner calls it; for lists. */
  id?: string;
  /** Class index. */
  label: number;
  /** Prefixed by its space; `null` where unknown. */
  group: string | null;
  /** The owner's split, `all` where there is none. */
  split: Split;
}

/** Sorts by code unit, whatever the locale. */
export const byKey = (a: { key: string }, b: { key: string }): number => byCodeUnit(a.key, b.key);

/** Positions of the items by class, then by key: the order of the samples of a set. */
export function canonicalOrder(items: readonly SplitItem[]): Uint32Array {
  const order = Uint32Array.from(items.keys());
  const compare = (a: number, b: number): number =>
    items[a]!.label - items[b]!.label || byCodeUnit(items[a]!.key, items[b]!.key);
  // as the assembler has them
  const isSorted = order.every((position) => position === 0 || compare(position - 1, position) <= 0);
  return isSorted ? order : order.sort(compare);
}

/** Positions of the items of each class, in key order, classes ascending. */
export function positionsByClass(items: readonly SplitItem[]): Map<number, Uint32Array> {
  const order = canonicalOrder(items);
  const classes = new Map<number, Uint32Array>();
  for (let from = 0; from < order.length;) {
    const { label } = items[order[from]!]!;
    let to = from + 1;
    while (to < order.length && items[order[to]!]!.label === label) to += 1;
    classes.set(label, order.subarray(from, to));
    from = to;
  }
  return classes;
}
