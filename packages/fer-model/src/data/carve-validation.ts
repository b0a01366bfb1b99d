/**
 * Carves a validation part out of the training part: whole groups, in seeded order, so that the shares of the classes
 * stay close. Never touches the test part. A sample without a group is a group of its own.
 */
import { keyedRandom, shuffle, byCodeUnit } from "@fer/core";
import type { Subset } from "./subset.js";

/** Positions that stay in train, and positions that validate; both ascending. */
export interface Carved {
  train: number[];
  val: number[];
}

/**
 * Takes groups until every class has `share` of its samples in validation or would be overdrawn: each group in turn
 * is taken if that brings the class counts nearer to their targets (squared distance, relative to the target).
 */
export function carveValidation(samples: Subset, { share, seed }: { share: number; seed: number }): Carved {
  const members = new Map<string, number[]>();
  for (let i = 0; i < samples.count; i++) {
    const group = samples.groups[i] === null ? `\u0000${i}` : samples.groups[i]!;
    const list = members.get(group);
    if (list) list.push(i);
    else members.set(group, [i]);
  }
  const target = samples.support().map((count) => count * share);
  const taken = target.map(() => 0);
  const val = new Set<number>();
  const groups = shuffle([...members.keys()].sort(byCodeUnit), keyedRandom(seed, "validation"));
  for (const group of groups) {
    const positions = members.get(group)!;
    const added = target.map(() => 0);
    for (const i of positions) added[samples.labels[i]!]!++;
    let change = 0;
    for (let c = 0; c < target.length; c++) {
      if (added[c] === 0) continue;
      const gap = target[c]! - taken[c]!;
      change += ((gap - added[c]!) ** 2 - gap ** 2) / Math.max(target[c]!, 1);
    }
    if (change >= 0) continue;
    for (const i of positions) val.add(i);
    for (let c = 0; c < target.length; c++) taken[c]! += added[c]!;
  }
  const all = [...samples.labels.keys()];
  return { train: all.filter((i) => !val.has(i)), val: all.filter((i) => val.has(i)) };
}
