/**
 * From "who is tested in which fold" to the folds: what is not tested trains, or validates where a share is asked for.
 * Validation is carved as apart from training as the test is: whole groups, or single samples of each class.
 */
import { OptionsError, shuffle, splitRandom } from "@fer/core";
import { shareGroups } from "./group-split.js";
import type { FoldPositions, SplitSettings } from "./policy.js";
import { type Items, pickedItems, positionsByClass } from "./split-item.js";

/** Who is tested when. */
export interface TestFolds {
  /** Fold in which each item is tested, `[items]`, from 0. */
  testFold: ArrayLike<number>;
  /** Names of the folds. */
  names: readonly (string | null)[];
  /** What validation keeps together. */
  apart: "groups" | "samples";
}

/** The folds of a policy that tests each sample once. */
export function foldsOf(
  items: Items,
  { testFold, names, apart, seed, valShare }: TestFolds & Pick<SplitSettings, "seed" | "valShare">,
): FoldPositions[] {
  const all = Uint32Array.from(items.keys());
  return names.map((name, fold) => {
    const rest = all.filter((i) => testFold[i] !== fold);
    const isVal = carve(items, { rest, apart, seed, share: valShare });
    return {
      name,
      train: rest.filter((_, at) => isVal[at] === 0),
      val: rest.filter((_, at) => isVal[at] === 1),
      test: all.filter((i) => testFold[i] === fold),
    };
  });
}

interface Carving extends Pick<TestFolds, "apart"> {
  /** Positions that are not tested. */
  rest: Uint32Array;
  seed: number;
  share: number;
}

/** Which of `rest` validate, `[rest]` of 0 and 1. */
export function carve(items: Items, { rest, apart, seed, share }: Carving): ArrayLike<number> {
  if (share === 0) return new Uint8Array(rest.length);
  const left = pickedItems(items, rest);
  if (apart === "groups") return shareGroups(left, { seed, shares: [1 - share, share] });
  const isVal = new Uint8Array(rest.length);
  for (const [label, positions] of positionsByClass(left)) {
    const order = shuffle(positions.slice(), splitRandom(seed, `val ${label}`));
    for (const at of order.subarray(0, Math.round(share * order.length))) isVal[at] = 1;
  }
  return isVal;
}

interface FoldCount {
  asked: number | null | undefined;
  /** How many there are of what is dealt out, and what it is. */
  count: number;
  what: string;
}

/** Number of folds that was asked for, ten where nothing was said. @throws OptionsError where there are not as many units */
export function foldCount(policy: string, { asked, count, what }: FoldCount): number {
  const folds = asked ?? DEFAULT_FOLDS;
  if (folds <= count) return folds;
  throw new OptionsError({
    code: "TOO_MANY_FOLDS",
    subject: `split policy ${policy}`,
    found: `${folds} folds of ${count} ${what}`,
    expected: `at least one of the ${what} in every fold`,
    fix: count < 2 ? "Use another policy" : `Set folds (--folds) to ${count} or less`,
    context: { folds, count },
  });
}

const DEFAULT_FOLDS = 10;

/** Folds without names. */
export const unnamed = (folds: number): null[] => Array.from({ length: folds }, () => null);
