/** Which samples of a set are trained on, validated on and tested on: its parts, or its folds. */
import { OptionsError } from "@fer/core";
import type { AssembledSet, Part } from "@fer/core/set";
import { carveValidation } from "./carve-validation.js";
import { Subset } from "./subset.js";

/** Samples by purpose. Nobody is in two of them. */
export interface Samples {
  train: Subset;
  /** Positions in `train` that an epoch draws, some of them several times; `null` where it draws each of them once. */
  drawn: Uint32Array | null;
  /** `null` where nothing is validated. */
  val: Subset | null;
  test: Subset | null;
}

export interface SampleOptions {
  seed: number;
  /** Share of train that is carved out where the set has no val part. */
  valShare: number;
  /** Draw the rows in which the set has every class equally often. */
  oversample: boolean;
}

/** The parts of a set: train, val (carved out of train where the set has none) and test. */
export async function partSamples(set: AssembledSet, options: SampleOptions): Promise<Samples> {
  const whole = await Subset.of(set.part("train"));
  const test = set.has("test") ? await Subset.of(set.part("test")) : null;
  const parts = set.has("val") ? { train: whole, val: await Subset.of(set.part("val")) } : carve(whole, options);
  return { ...parts, drawn: await drawnOf(set, { ...options, ...parts, fold: null }), test };
}

/** The samples of a fold (counted from 1); val is carved out of train where the fold has none. */
export async function foldSamples(
  set: AssembledSet,
  { fold, all, ...options }: SampleOptions & { fold: number; all: Subset },
): Promise<Samples> {
  const { train, val, test } = await set.fold(fold);
  const rest = all.take(train);
  const parts = val.length > 0 ? { train: rest, val: all.take(val) } : carve(rest, options);
  return { ...parts, drawn: await drawnOf(set, { ...options, ...parts, fold }), test: all.take(test) };
}

/**
 * Numbers of the folds to run, ascending; `null` for a set of parts.
 *
 * @throws OptionsError for folds of a set that has none, a fold that it does not have, and one that is named twice
 */
export function foldsToRun(set: AssembledSet, asked: readonly number[] | null): number[] | null {
  const bad = (parts: { found: string; expected: string; fix?: string }): OptionsError =>
    new OptionsError({ code: "NO_SUCH_FOLD", subject: `set ${set.name}`, ...parts });
  if (set.folds === 0) {
    if (asked === null) return null;
    throw bad({
      found: `folds ${asked.join(", ")} were asked for, and it has parts`,
      expected: "a set that was assembled in folds",
      fix: "Assemble it with the policy subject-kfold, group-kfold, kfold, subject-modulo or leave-one-subject-out",
    });
  }
  const folds = [...(asked ?? Array.from({ length: set.folds }, (_, index) => index + 1))].sort((a, b) => a - b);
  const unknown = folds.find((fold) => fold < 1 || fold > set.folds);
  if (unknown !== undefined) throw bad({ found: `no fold ${unknown}`, expected: `folds 1 to ${set.folds}` });
  const twice = folds.find((fold, index) => folds[index - 1] === fold);
  if (twice !== undefined) throw bad({ found: `fold ${twice} was named twice`, expected: "each fold once" });
  return folds;
}

/** Samples that a run is evaluated on: a part, or of the set of folds that it was trained on the rows of its own fold. */
export async function evaluationSamples(
  set: AssembledSet,
  { part, fold }: { part: Part; fold: number | null },
): Promise<Subset> {
  if (fold === null || (part !== "train" && part !== "val" && part !== "test")) return Subset.of(set.part(part));
  const all = await Subset.of(set.part("all"));
  return all.take((await set.fold(fold))[part]);
}

/** @throws OptionsError `NOT_OVERSAMPLED` for a set without such rows */
async function drawnOf(
  set: AssembledSet,
  { oversample, train, fold }: Pick<SampleOptions, "oversample"> & Pick<Samples, "train"> & { fold: number | null },
): Promise<Uint32Array | null> {
  if (!oversample) return null;
  const rows = await set.oversampled(fold);
  if (rows !== null) return train.positionsOf(rows);
  throw new OptionsError({
    code: "NOT_OVERSAMPLED",
    subject: "oversample",
    found: `the set ${set.name} was assembled without rows in which classes are equally often`,
    expected: "a set that has them",
    fix: "Assemble it again with oversample (fer assemble --oversample), or weigh classes in place of it: classWeights balanced",
  });
}

function carve(train: Subset, { valShare, seed }: SampleOptions): { train: Subset; val: Subset | null } {
  if (valShare === 0) return { train, val: null };
  const carved = carveValidation(train, { share: valShare, seed });
  if (carved.val.length === 0) return { train, val: null };
  return { train: train.take(carved.train), val: train.take(carved.val) };
}
