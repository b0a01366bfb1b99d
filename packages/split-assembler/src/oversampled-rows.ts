/** Training rows in which every class is as often as the largest: rows of smaller ones come again, by seed. */
import { shuffle, splitRandom } from "@fer/core";

/**
 * All of `rows`, and rows of smaller classes again, `[classes that are there * size of the largest]`, ascending. Of the rows
 * of a class one comes once more than another at most.
 *
 * @param labels class of every row of the part
 * @param rows those that are trained on
 */
export function oversampledRows(
  labels: Uint8Array,
  { rows, seed }: { rows: Uint32Array; seed: number },
): Uint32Array<ArrayBuffer> {
  const byClass = new Map<number, number[]>();
  for (const row of rows) {
    const of = byClass.get(labels[row]!);
    if (of === undefined) byClass.set(labels[row]!, [row]);
    else of.push(row);
  }
  const most = Math.max(0, ...[...byClass.values()].map(({ length }) => length));
  const all = new Uint32Array(byClass.size * most);
  let used = 0;
  for (const [label, of] of [...byClass].sort(([a], [b]) => a - b)) {
    const order = shuffle(Uint32Array.from(of), splitRandom(seed, `oversample ${label}`));
    for (let i = 0; i < most; i++) all[used++] = order[i % order.length]!;
  }
  return all.sort();
}

/** How many rows that are, by the size of every class. */
export function oversampledCount(perClass: Readonly<Record<string, number>>): number {
  const sizes = Object.values(perClass).filter((size) => size > 0);
  return sizes.length * Math.max(0, ...sizes);
}
