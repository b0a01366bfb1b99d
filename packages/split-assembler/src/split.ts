/** Samples -> parts or folds: the policy's decision with its counts and leaks, before any image is decoded. */
import { findLeaks } from "@fer/core";
import { FOLD_PARTS, type FoldInfo, type LeakReport, type Part, type PartInfo, PARTS } from "@fer/core/set";
import { checkNotEmpty, checkTrain, countSamples } from "./check-classes.js";
import type { MergedSample } from "./merge/merge.js";
import { policies, type PolicyName } from "./policies/index.js";
import type { FoldPositions, SplitSettings } from "./policies/policy.js";

/** What a policy made of the samples. */
export interface Split {
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
  const policy = policies[task.policy];
  return policy.kind === "parts" ? intoParts(samples, task) : intoFolds(samples, task);
}

function intoParts(samples: readonly MergedSample[], task: SplitTask): Split {
  const policy = policies[task.policy];
  const { classes, valShare, testShare, allowMissing } = task;
  if (policy.kind !== "parts") throw new TypeError(`${task.policy} makes folds`);
  const partsOf = policy.assign(samples, task);
  const wanted = new Set(partsOf.flat()).add("train");
  if (policy.uses.includes("valShare") && valShare > 0) wanted.add("val");
  if (policy.uses.includes("testShare") && testShare > 0) wanted.add("test");
  const parts = new Map<Part, PartInfo>();
  for (const part of PARTS.filter((name) => wanted.has(name))) {
    const info = countSamples(
      samples.filter((_, i) => partsOf[i]!.includes(part)),
      classes,
    );
    checkNotEmpty(part, info, samples.length);
    parts.set(part, info);
  }
  if (!allowMissing) checkTrain("train", parts.get("train")!, countSamples(samples, classes));
  return {
    partsOf,
    parts,
    folds: null,
    leaks: findLeaks(samples.map((sample, i) => ({ ...sample, parts: partsOf[i]! }))),
  };
}

function intoFolds(samples: readonly MergedSample[], task: SplitTask): Split {
  const policy = policies[task.policy];
  const { classes, valShare, allowMissing } = task;
  if (policy.kind !== "folds") throw new TypeError(`${task.policy} makes parts`);
  const whole = countSamples(samples, classes);
  const folds = policy.fold(samples, task).map((rows, index) => {
    const of = (part: "train" | "val" | "test"): PartInfo =>
      countSamples(
        Array.from(rows[part], (i) => samples[i]!),
        classes,
      );
    const [train, test] = [of("train"), of("test")];
    const val = rows.val.length > 0 || (policy.uses.includes("valShare") && valShare > 0) ? of("val") : null;
    for (const [name, part] of Object.entries({ train, val, test }))
      if (part !== null) checkNotEmpty(`fold ${index + 1}, ${name}`, part, samples.length);
    if (!allowMissing) checkTrain(`fold ${index + 1}, train`, train, whole);
    return { rows, info: { name: rows.name, train, val, test, leaks: leaksOfFold(samples, rows) } };
  });
  const sum = (key: "exact" | "near" | "groups"): number =>
    folds.reduce((total, { info }) => total + (info.leaks[key] ?? 0), 0);
  return {
    partsOf: samples.map(() => ALL),
    parts: new Map([["all", whole]]),
    folds,
    leaks: {
      exact: sum("exact"),
      near: sum("near"),
      groups: sum("groups"),
      conflicts: findLeaks(samples.map((sample) => ({ ...sample, parts: ALL }))).conflicts,
    },
  };
}

function leaksOfFold(samples: readonly MergedSample[], rows: FoldPositions): LeakReport {
  return findLeaks(FOLD_PARTS.flatMap((part) => Array.from(rows[part], (i) => ({ ...samples[i]!, parts: [part] }))));
}
