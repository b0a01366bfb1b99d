/**
 * What a split policy is: a pure function from samples to parts or folds. It sees no file and no pixel, and its result
 * does not depend on the order of the samples.
 *
 * - parts: every sample is in exactly one of train, val and test (`original` puts every sample into `full` as well), or
 *   left out where the policy was told what to take
 * - folds: in every fold a sample is in at most one of train, val and test
 */
import type { GroupKind } from "@fer/core/image-folder";
import type { FoldPartName, Part } from "@fer/core/set";
import type { Items } from "./split-item.js";
import type { SplitList } from "./split-list.js";

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
  assign(items: Items, settings: SplitSettings): readonly (readonly Part[])[];
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
  fold(items: Items, settings: SplitSettings): readonly FoldPositions[];
}

export type SplitPolicy = PartPolicy | FoldPolicy;
