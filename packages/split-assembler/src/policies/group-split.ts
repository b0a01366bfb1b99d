/**
 * Splits whole groups so that each part's class counts come close to its share (after the idea of scikit-learn's
 * StratifiedGroupKFold): groups in seeded random order, larger ones first, each to the part where it helps most; then
 * single groups are moved as long as that brings the counts closer.
 *
 *     error = sum over parts and classes of ((count - share * n_class) / (share * n_class))^2
 */
import { shuffle, splitRandom } from "@fer/core";
import type { Part } from "@fer/core/set";
import { groupOf } from "./groups.js";
import type { SplitSettings } from "./policy.js";
import type { Items } from "./split-item.js";

interface Group {
  name: string;
  size: number;
  /** Samples by class. */
  counts: number[];
}

/** Rounds of moves; a split of a few hundred groups settles in two or three. */
const MAX_ROUNDS = 8;

/** The parts of every item, which is one; items of one group are in one part. */
export function splitGroups(items: Items, { seed, valShare, testShare }: SplitSettings): (readonly Part[])[] {
  const shares = (
    [
      ["train", 1 - valShare - testShare],
      ["val", valShare],
      ["test", testShare],
    ] as const
  ).filter(([, share]) => share > 0);
  const sideOf = shareGroups(items, { seed, shares: shares.map(([, share]) => share) });
  const parts = shares.map(([part]): readonly Part[] => [part]);
  return Array.from(sideOf, (side) => parts[side]!);
}

/** The side of every item, `[items]`: the position of its share; items of one group are on one side. */
export function shareGroups(items: Items, { seed, shares }: { seed: number; shares: readonly number[] }): Uint16Array {
  const groups = orderedGroups(items, seed);
  const classes = groups.reduce((most, group) => Math.max(most, group.counts.length), 0);
  const totals = Array.from({ length: classes }, (_, c) => groups.reduce((sum, group) => sum + group.counts[c]!, 0));
  const targets = shares.map((share) => totals.map((total) => share * total));
  const counts = shares.map(() => totals.map(() => 0));

  // Change of the error when a group enters (sign 1) or leaves (sign -1) a side.
  // oxlint-disable-next-line max-params -- numeric inner loop
  const change = (side: number, group: Group, sign: 1 | -1): number => {
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const target = targets[side]![c]!;
      if (group.counts[c] === 0 || target === 0) continue;
      const before = (counts[side]![c]! - target) / target;
      const after = (counts[side]![c]! + sign * group.counts[c]! - target) / target;
      sum += after * after - before * before;
    }
    return sum;
  };
  // oxlint-disable-next-line max-params -- numeric inner loop
  const add = (side: number, group: Group, sign: 1 | -1): void => {
    for (let c = 0; c < classes; c++) counts[side]![c]! += sign * group.counts[c]!;
  };
  const best = (group: Group): number => {
    let choice = 0;
    for (let side = 1; side < shares.length; side++) {
      if (change(side, group, 1) < change(choice, group, 1)) choice = side;
    }
    return choice;
  };

  const sideOf = new Map<string, number>();
  for (const group of groups) {
    const side = best(group);
    sideOf.set(group.name, side);
    add(side, group, 1);
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let moved = false;
    for (const group of groups) {
      const from = sideOf.get(group.name)!;
      const gain = change(from, group, -1);
      add(from, group, -1);
      const to = best(group);
      const better = to !== from && gain + change(to, group, 1) < -1e-9;
      add(better ? to : from, group, 1);
      if (better) sideOf.set(group.name, to);
      moved ||= better;
    }
    if (!moved) break;
  }
  return Uint16Array.from(items, (item) => sideOf.get(groupOf(item))!);
}

function orderedGroups(items: Items, seed: number): Group[] {
  const classes = largestLabel(items) + 1;
  const groups = new Map<string, Group>();
  for (const item of items) {
    const name = groupOf(item);
    let group = groups.get(name);
    if (group === undefined) {
      group = { name, size: 0, counts: Array.from({ length: classes }, () => 0) };
      groups.set(name, group);
    }
    group.size += 1;
    group.counts[item.label]! += 1;
  }
  const sorted = [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return shuffle(sorted, splitRandom(seed, "groups")).sort((a, b) => b.size - a.size);
}

function largestLabel(items: Items): number {
  let largest = -1;
  for (const { label } of items) largest = Math.max(largest, label);
  return largest;
}
