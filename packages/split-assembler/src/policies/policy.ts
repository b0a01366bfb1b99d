/**
 * What a split policy is: a pure function from samples to parts. It sees no file and no pixel, its result does not
 * depend on the order of the samples, and every sample is in exactly one of train, val and test (`original` puts
 * every sample into `full` as well).
 */
import { byCodeUnit } from "@fer/core";
import type { GroupKind, Split } from "@fer/core/image-folder";
import type { Part } from "@fer/core/set";

/** What a policy knows of a sample. */
export interface SplitItem {
  /** Unique; samples are ordered by it, by code unit. */
  key: string;
  /** Class index. */
  label: number;
  /** Prefixed by its space; `null` where unknown. */
  group: string | null;
  /** The owner's split, `all` where there is none. */
  split: Split;
}

/** Settings of a run. */
export interface SplitSettings {
  seed: number;
  /** Share of val, in [0, 1). */
  valShare: number;
  /** Share of test, in [0, 1). */
  testShare: number;
  /** What the groups are. */
  groupKind: GroupKind;
}

/** One policy. */
export interface SplitPolicy {
  name: string;
  /** One line for `--help`. */
  summary: string;
  /** Whether the seed and the shares change the result. */
  usesSettings: boolean;
  /** The parts of each sample, in the order of `items`. @throws DatasetError where the samples do not allow it */
  assign(items: readonly SplitItem[], settings: SplitSettings): readonly (readonly Part[])[];
}

/** Sorts by code unit, whatever the locale. */
export const byKey = (a: { key: string }, b: { key: string }): number => byCodeUnit(a.key, b.key);

/** Positions of the items of each class, in key order, classes ascending. */
export function positionsByClass(items: readonly SplitItem[]): Map<number, number[]> {
  const order = items.map((item, position) => ({ key: item.key, position })).sort(byKey);
  const classes = new Map<number, number[]>();
  for (const { position } of order) {
    const { label } = items[position]!;
    const positions = classes.get(label);
    if (positions === undefined) classes.set(label, [position]);
    else positions.push(position);
  }
  return new Map([...classes].sort(([a], [b]) => a - b));
}
