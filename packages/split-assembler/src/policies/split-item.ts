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
  /** What its key starts with, where that is known without it. */
  dataset?: string;
}

/** Samples in an order: an array, or what holds more than one should keep as objects. */
export interface Items<T = SplitItem> extends Iterable<T> {
  readonly length: number;
  /** Whether they are known to stand by class, then by key. */
  readonly isOrdered?: boolean;
  at(position: number): T | undefined;
  keys(): IterableIterator<number>;
  entries(): IterableIterator<[number, T]>;
}

/** Positions of the items of which something is true. */
export function positionsOfItems<T>(items: Items<T>, is: (item: T) => boolean): Uint32Array {
  const taken = new Uint8Array(items.length);
  for (const [i, item] of items.entries()) if (is(item)) taken[i] = 1;
  return Uint32Array.from(items.keys()).filter((i) => taken[i] === 1);
}

/** What the items have of something, each once. */
export function distinctOf<T, V>(items: Items<T>, of: (item: T) => V): Set<V> {
  const found = new Set<V>();
  for (const item of items) found.add(of(item));
  return found;
}

/** The items at some positions. */
export function pickedItems<T>(items: Items<T>, positions: Uint32Array): Items<T> {
  return {
    length: positions.length,
    isOrdered: items.isOrdered === true && areAscending(positions),
    at: (i) => (positions[i] === undefined ? undefined : items.at(positions[i])),
    keys: () => positions.keys(),
    *entries() {
      for (const [i, position] of positions.entries()) yield [i, items.at(position)!];
    },
    *[Symbol.iterator]() {
      for (const position of positions) yield items.at(position)!;
    },
  };
}

/** Whether each position is larger than the one before. */
export const areAscending = (positions: Uint32Array): boolean =>
  positions.every((position, i) => i === 0 || positions[i - 1]! < position);

/** Sorts by code unit, whatever the locale. */
export const byKey = (a: { key: string }, b: { key: string }): number => byCodeUnit(a.key, b.key);

/** Positions of the items by class, then by key: the order of the samples of a set. */
export function canonicalOrder(items: Items): Uint32Array {
  const order = Uint32Array.from(items.keys());
  if (items.isOrdered === true) return order;
  const compare = (a: SplitItem, b: SplitItem): number => a.label - b.label || byCodeUnit(a.key, b.key);
  let last: SplitItem | undefined;
  for (const item of items) {
    if (last !== undefined && compare(last, item) > 0) return order.sort((a, b) => compare(items.at(a)!, items.at(b)!));
    last = item;
  }
  return order;
}

/** Positions of the items of each class, in key order, classes ascending. */
export function positionsByClass(items: Items): Map<number, Uint32Array> {
  const order = canonicalOrder(items);
  const classes = new Map<number, Uint32Array>();
  for (let from = 0; from < order.length;) {
    const { label } = items.at(order[from]!)!;
    let to = from + 1;
    while (to < order.length && items.at(order[to]!)!.label === label) to += 1;
    classes.set(label, order.subarray(from, to));
    from = to;
  }
  return classes;
}
