/** Which samples of a set are trained on, validated on and tested on: its parts, or its folds. */
import type { AssembledSet } from "@fer/core/set";
import { carveValidation } from "./carve-validation.js";
import { foldPositions } from "./folds.js";
import { Subset } from "./subset.js";

/** Samples by purpose. Nobody is in two of them. */
export interface Samples {
  train: Subset;
  /** `null` where nothing is validated. */
  val: Subset | null;
  test: Subset | null;
}

export interface SampleOptions {
  seed: number;
  /** Share of train that is carved out where the set has no val part. */
  valShare: number;
}

export interface FoldOptions extends SampleOptions {
  folds: number;
  foldBy: "group" | "sample";
  foldParts: "all" | "train";
}

/** The parts of a set: train, val (carved out of train where the set has none) and test. */
export async function partSamples(set: AssembledSet, options: SampleOptions): Promise<Samples> {
  const train = await Subset.of(set.part("train"));
  const test = set.has("test") ? await Subset.of(set.part("test")) : null;
  if (set.has("val")) return { train, val: await Subset.of(set.part("val")), test };
  return { ...carve(train, options), test };
}

/** The samples of each fold: everybody is tested once, and validation is carved out of the rest. */
export function foldSamples(all: Subset, options: FoldOptions): Samples[] {
  return foldPositions(all, options).map((positions) => {
    const inTest = new Set(positions);
    const rest = all.take([...all.labels.keys()].filter((i) => !inTest.has(i)));
    const { train, val } = carve(rest, options);
    return { train, val, test: all.take(positions) };
  });
}

/** All samples that folds are made of. */
export async function samplesForFolds(
  set: AssembledSet,
  { foldParts }: Pick<FoldOptions, "foldParts">,
): Promise<Subset> {
  const names = foldParts === "train" ? (["train", "val"] as const) : (["train", "val", "test"] as const);
  // `full` holds the samples of train and test once more.
  const parts = foldParts === "all" && set.has("full") ? (["full"] as const) : names.filter((name) => set.has(name));
  const [first = set.part("train"), ...others] = parts.map((name) => set.part(name));
  return Subset.of(first, ...others);
}

function carve(train: Subset, { valShare, seed }: SampleOptions): { train: Subset; val: Subset | null } {
  if (valShare === 0) return { train, val: null };
  const carved = carveValidation(train, { share: valShare, seed });
  if (carved.val.length === 0) return { train, val: null };
  return { train: train.take(carved.train), val: train.take(carved.val) };
}
