/**
 * What a split policy is: a pure function from samples to parts or folds. It sees no file and no pixel, and its result
 * does not depend on the order of the samples.
 *
 * - parts: every sample is in exactly one of train, val and test (`original` puts every sample into `full` as well), or
 *   left out where the policy was told what to take
 * - folds: in every fold a sample is in at most one of train, val and test
 */
import { byCodeUnit } from "@fer/core";
import type { GroupKind, Split } from "@fer/core/image-folder";
import type { FoldPartName, Part } from "@fer/core/set";
import type { SplitList } from "./split-list.js";

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

/** Settings of a run. */
export interface SplitSettings {
  seed: number;
  /** Share of val, in [0, 1): of all samples, or of those of a fold that are not tested. */
  valShare: number;
  /** Share of test, in [0, 1). */
  testShare: number;
  /** What the groups are. */
  groupKind: GroupKind;
  /** Number of folds. */
  folds?: number | null;
  /** Selectors of what is trained on, tested, and validated (see `selector.ts`). */
  train?: readonly string[] | null;
  test?: readonly string[] | null;
  valFrom?: readonly string[] | null;
  /** The split of a list. */
  list?: SplitList | null;
}

/** Options that only some policies use. */
export const POLICY_OPTIONS = [
  "seed",
  "valShare",
  "testShare",
  "folds",
  "train",
  "test",
  "valFrom",
  "splitFile",
] as const;
export type PolicyOption = (typeof POLICY_OPTIONS)[number];

interface PolicyCard {
  name: string;
  /** One line for `--help`. */
  summary: string;
  /** Options that change the result. */
  uses: readonly PolicyOption[];
  /** The seed matters only where validation is carved out of train (`valShare`). */
  carves?: boolean;
}

/** Options that change the result of a policy where validation has this share. */
export function usedOptions({ uses, carves = false }: PolicyCard, valShare: number): readonly PolicyOption[] {
  return carves && valShare === 0 ? uses.filter((option) => option !== "seed") : uses;
}

/** A policy that gives each sample its part. */
export interface PartPolicy extends PolicyCard {
  kind: "parts";
  /** The parts of each sample, in the order of `items`; none for what is left out. @throws DatasetError where the samples do not allow it */
  assign(items: readonly SplitItem[], settings: SplitSettings): readonly (readonly Part[])[];
}

/** One fold: positions in `items`, ascending. */
export interface FoldPositions extends Record<FoldPartName, Uint32Array> {
  /** Who is tested, or how a list calls the fold; `null` where a number says all. */
  name: string | null;
}

/** A policy that trains and tests several times. */
export interface FoldPolicy extends PolicyCard {
  kind: "folds";
  /** @throws DatasetError, OptionsError where the samples do not allow it */
  fold(items: readonly SplitItem[], settings: SplitSettings): readonly FoldPositions[];
}

export type SplitPolicy = PartPolicy | FoldPolicy;

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
