/**
 * Splits whole groups so that each part's class counts come close to its share (after the idea of scikit-learn's
 * StratifiedGroupKFold): groups in seeded random order, larger ones first, each to the part where it helps most; then
 * single groups are moved as long as that brings the counts closer.
 *
 *     error = sum over parts and classes of ((count - share * n_class) / (share * n_class))^2
 */
import { shuffle, splitRandom } from "@fer/core";
import type { Part } from "@fer/core/set";
import type { SplitItem, SplitSettings } from "./policy.js";

interface Group {
  name: string;
  size: number;
  /** Samples by class. */
  counts: number[];
}

/** Rounds of moves; a split of a few hundred groups settles in two or three. */
const MAX_ROUNDS = 8;

/** The part of every item; items of one group are in one part. `groupOf` must name a group for each item. */
export function splitGroups(
  items: readonly SplitItem[],
  groupOf: (item: SplitItem) => string,
  { seed, valShare, testShare }: SplitSettings,
): Part[] {
  const shares = (
    [
      ["train", 1 - valShare - testShare],
      ["val", valShare],
      ["test", testShare],
    ] as const
  ).filter(([, share]) => share > 0);
  const groups = orderedGroups(items, groupOf, seed);
  const classes = groups[0]?.counts.length ?? 0;
  const totals = Array.from({ length: classes }, (_, c) => groups.reduce((sum, group) => sum + group.counts[c]!, 0));
  const targets = shares.map(([, share]) => totals.map((total) => share * total));
  const counts = shares.map(() => totals.map(() => 0));

  // Change of the error when a group enters (sign 1) or leaves (sign -1) a part.
  const change = (part: number, group: Group, sign: 1 | -1): number => {
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const target = targets[part]![c]!;
      if (group.counts[c] === 0 || target === 0) continue;
      const before = (counts[part]![c]! - target) / target;
      const after = (counts[part]![c]! + sign * group.counts[c]! - target) / target;
      sum += after * after - before * before;
    }
    return sum;
  };
  const add = (part: number, group: Group, sign: 1 | -1): void => {
    for (let c = 0; c < classes; c++) counts[part]![c]! += sign * group.counts[c]!;
  };
  const best = (group: Group): number => {
    let choice = 0;
    for (let part = 1; part < shares.length; part++) {
      if (change(part, group, 1) < change(choice, group, 1)) choice = part;
    }
    return choice;
  };

  const partOf = new Map<string, number>();
  for (const group of groups) {
    const part = best(group);
    partOf.set(group.name, part);
    add(part, group, 1);
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let moved = false;
    for (const group of groups) {
      const from = partOf.get(group.name)!;
      const gain = change(from, group, -1);
      add(from, group, -1);
      const to = best(group);
      const better = to !== from && gain + change(to, group, 1) < -1e-9;
      add(better ? to : from, group, 1);
      if (better) partOf.set(group.name, to);
      moved ||= better;
    }
    if (!moved) break;
  }
  return items.map((item) => shares[partOf.get(groupOf(item))!]![0]);
}

function orderedGroups(items: readonly SplitItem[], groupOf: (item: SplitItem) => string, seed: number): Group[] {
  const classes = items.reduce((most, item) => Math.max(most, item.label + 1), 0);
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
