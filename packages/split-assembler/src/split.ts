/** Samples -> parts or folds: the policy's decision with its counts and leaks, before any image is decoded. */
import { findLeaks, type LeakSample } from "@fer/core";
import {
  FOLD_PARTS,
  type FoldInfo,
  type FoldPartName,
  type LeakReport,
  type Part,
  type PartInfo,
  PARTS,
} from "@fer/core/set";
import { checkClasses, checkNotEmpty, checkTrain, countSamples } from "./check-classes.js";
import type { MergedSample } from "./merge/merge.js";
import { policies, type PolicyName } from "./policies/index.js";
import type { FoldPolicy, FoldPositions, PartPolicy, SplitPolicy, SplitSettings } from "./policies/policy.js";
import { countOrigins } from "./policies/selector.js";

/** What a policy made of the samples. */
export interface Split {
  /** Those that are in the set, in their order. */
  samples: readonly MergedSample[];
  /** Samples that the policy was not told to take, by dataset and owner's part. */
  leftOut: Record<string, number>;
  /** Parts of each sample, in the order of the samples. */
  partsOf: readonly (readonly Part[])[];
  parts: ReadonlyMap<Part, PartInfo>;
  /** `null` in a set of parts. */
  folds: readonly { rows: FoldPositions; info: FoldInfo }[] | null;
  leaks: LeakReport;
}

/** What a split is asked for. */
export interface SplitTask extends SplitSettings {
  policy: PolicyName;
  classes: number;
  allowMissing: boolean;
}

const ALL: readonly Part[] = ["all"];

/** Splits the samples of a set. @throws DatasetError, OptionsError where the policy cannot, or leaves a part empty */
export function splitSamples(samples: readonly MergedSample[], task: SplitTask): Split {
  const policy: SplitPolicy = policies[task.policy];
  return policy.kind === "parts" ? intoParts(samples, policy, task) : intoFolds(samples, policy, task);
}

function intoParts(all: readonly MergedSample[], policy: PartPolicy, task: SplitTask): Split {
  const { classes, valShare, testShare, allowMissing } = task;
  const assigned = policy.assign(all, task);
  const { samples, leftOut } = taken(all, (i) => assigned[i]!.length > 0, task);
  const partsOf = assigned.filter((parts) => parts.length > 0);
  const wanted = new Set(partsOf.flat()).add("train");
  if (policy.uses.includes("valShare") && valShare > 0) wanted.add("val");
  if (policy.uses.includes("testShare") && testShare > 0) wanted.add("test");
  const parts = new Map<Part, PartInfo>();
  for (const part of PARTS.filter((name) => wanted.has(name))) {
    const members = samples.filter((_, i) => partsOf[i]!.includes(part));
    const info = { ...countSamples(members, classes), from: countOrigins(members) };
    checkNotEmpty(part, info, samples.length);
    parts.set(part, info);
  }
  if (!allowMissing) checkTrain("train", parts.get("train")!, countSamples(samples, classes));
  const leaks = findLeaks(samples.map((sample, i) => inParts(sample, partsOf[i]!)));
  return { samples, leftOut, partsOf, parts, folds: null, leaks };
}

function intoFolds(all: readonly MergedSample[], policy: FoldPolicy, task: SplitTask): Split {
  const { classes, valShare, allowMissing } = task;
  const given = policy.fold(all, task);
  const used = new Uint8Array(all.length);
  for (const rows of given) for (const part of FOLD_PARTS) for (const i of rows[part]) used[i] = 1;
  const { samples, leftOut } = taken(all, (i) => used[i] === 1, task);
  const row = new Uint32Array(all.length);
  for (let i = 0, next = 0; i < all.length; i++) row[i] = used[i] === 1 ? next++ : 0;
  const moved = (positions: Uint32Array): Uint32Array => positions.map((i) => row[i]!);

  const whole = countSamples(samples, classes);
  const folds = given.map(({ name, train, val, test }, index) => {
    const rows = { name, train: moved(train), val: moved(val), test: moved(test) };
    const of = (part: FoldPartName): PartInfo =>
      countSamples(
        Array.from(rows[part], (i) => samples[i]!),
        classes,
      );
    const info = {
      train: of("train"),
      val: val.length > 0 || (policy.uses.includes("valShare") && valShare > 0) ? of("val") : null,
      test: of("test"),
    };
    for (const [part, counts] of Object.entries(info))
      if (counts !== null) checkNotEmpty(`fold ${index + 1}, ${part}`, counts, samples.length);
    if (!allowMissing) checkTrain(`fold ${index + 1}, train`, info.train, whole);
    return { rows, info: { name, ...info, leaks: leaksOfFold(samples, rows) } };
  });
  const sum = (key: "exact" | "near" | "groups"): number =>
    folds.reduce((total, { info }) => total + (info.leaks[key] ?? 0), 0);
  return {
    samples,
    leftOut,
    partsOf: samples.map(() => ALL),
    parts: new Map([["all", { ...whole, from: countOrigins(samples) }]]),
    folds,
    leaks: {
      exact: sum("exact"),
      near: sum("near"),
      groups: sum("groups"),
      conflicts: findLeaks(samples.map((sample) => inParts(sample, ALL))).conflicts,
    },
  };
}

/** What the policy took of the samples; what is left is a set again, with all classes. */
function taken(
  all: readonly MergedSample[],
  isTaken: (position: number) => boolean,
  { classes, allowMissing }: SplitTask,
): Pick<Split, "samples" | "leftOut"> {
  const samples = all.filter((_, i) => isTaken(i));
  if (samples.length < all.length) checkClasses(samples, classes, allowMissing);
  return { samples, leftOut: countOrigins(all.filter((_, i) => !isTaken(i))) };
}

const inParts = ({ label, group, pixelHash, dhash }: MergedSample, parts: readonly Part[]): LeakSample => ({
  label,
  group,
  pixelHash,
  dhash,
  parts,
});

function leaksOfFold(samples: readonly MergedSample[], rows: FoldPositions): LeakReport {
  return findLeaks(FOLD_PARTS.flatMap((part) => Array.from(rows[part], (i) => inParts(samples[i]!, [part]))));
}
