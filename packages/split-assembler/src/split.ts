/** Samples -> parts or folds: the policy's decision with its counts and leaks, before any image is decoded. */
import { DatasetError, EXPRESSIONS, findLeaks, type LeakSample } from "@fer/core";
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
import { findPhotos, type PhotoSearch, SIDES } from "./find-photos.js";
import { type Leaked, leakedTraining } from "./leaked-training.js";
import type { MergedSample } from "./merge/merge.js";
import { overCap } from "./over-cap.js";
import { policies, type PolicyName } from "./policies/index.js";
import type { FoldPolicy, FoldPositions, PartPolicy, SplitPolicy, SplitSettings } from "./policies/policy.js";
import { countOrigins } from "./policies/selector.js";

/** A sample with the number that the pictures of one photo share; `null` where near ones were not looked for. */
export interface SplitSample extends MergedSample {
  photo: number | null;
}

/** What a policy made of the samples. */
export interface Split {
  /** Those that are in the set, in their order. */
  samples: readonly SplitSample[];
  /** Samples that the policy was not told to take, by dataset and owner's part. */
  leftOut: Record<string, number>;
  /** Parts of each sample, in the order of the samples. */
  partsOf: readonly (readonly Part[])[];
  parts: ReadonlyMap<Part, PartInfo>;
  /** Training samples beyond the cap of their class, by class; of folds summed over them. */
  capped: Record<string, number>;
  /** Training samples that were taken out; `null` where that was not asked for. */
  dropped: readonly Dropped[] | null;
  /** `null` in a set of parts. */
  folds: readonly { rows: FoldPositions; info: FoldInfo }[] | null;
  leaks: LeakReport;
}

/** A training sample that was taken out, as a twin of another one. */
export interface Dropped extends Pick<Leaked, "kind"> {
  sample: MergedSample;
  twin: MergedSample;
  /** Counted from 1; `null` in a set of parts. */
  fold: number | null;
}

/** What a split is asked for. */
export interface SplitTask extends SplitSettings {
  leaks: "report" | "drop-from-train" | "fail";
  /** Most training samples of a class. */
  cap: number | null;
  policy: PolicyName;
  classes: number;
  allowMissing: boolean;
  /** Whether pictures are compared to find nearly the same ones. */
  near: boolean;
}

const ALL: readonly Part[] = ["all"];

/** Splits the samples of a set. @throws DatasetError, OptionsError where the policy cannot, or leaves a part empty */
export async function splitSamples(
  samples: readonly MergedSample[],
  { task, search }: { task: SplitTask; search: PhotoSearch },
): Promise<Split> {
  const policy: SplitPolicy = policies[task.policy];
  const split =
    policy.kind === "parts"
      ? await intoParts(samples, { policy, task, search })
      : await intoFolds(samples, { policy, task, search });
  if (task.leaks === "fail") refuseLeaks(split.leaks);
  return split;
}

function refuseLeaks({ exact, near, groups }: LeakReport): void {
  if (exact + (near ?? 0) + groups === 0) return;
  throw new DatasetError({
    code: "LEAKS",
    subject: "assemble",
    found: `${exact} images of val and test have an exact copy in train, ${near === null ? "near copies were not looked for" : `${near} nearly one`}, and ${groups} groups are on both sides`,
    expected: "nothing on both sides, since leaks are to fail",
    fix: "Use another policy, or take copies out of train: leaks drop-from-train (--leaks drop-from-train)",
    context: { exact, near, groups },
  });
}

/** What a policy is asked for, and how pictures are read. */
interface Splitting<Policy> {
  policy: Policy;
  task: SplitTask;
  search: PhotoSearch;
}

async function intoParts(
  merged: readonly MergedSample[],
  { policy, task, search }: Splitting<PartPolicy>,
): Promise<Split> {
  const { classes, valShare, testShare, allowMissing } = task;
  const asked = policy.assign(merged, task);
  const all = await withPhotos(merged, { task, search, sides: Uint8Array.from(asked, sidesOf) });
  const leaked = leakedOf(all, {
    leaks: task.leaks,
    train: positions(asked, (parts) => parts.includes("train")),
    heldOut: positions(asked, (parts) => parts.includes("val") || parts.includes("test")),
  });
  const isDropped = new Set(leaked?.map(({ sample }) => sample));
  const train = positions(asked, (parts) => parts.includes("train")).filter((i) => !isDropped.has(i));
  const over = overCap(all, { ...task, train });
  for (const i of over) isDropped.add(i);
  const assigned = asked.map((parts, i) => (isDropped.has(i) ? parts.filter((part) => part !== "train") : parts));
  const isTaken = (i: number): boolean => assigned[i]!.length > 0;
  const { samples, leftOut } = taken(all, { ...task, isTaken, isLeftOut: (i) => asked[i]!.length === 0 });
  const partsOf = assigned.filter((parts) => parts.length > 0);
  const wanted = new Set(partsOf.flat()).add("train");
  if (policy.uses.includes("valShare") && valShare > 0) wanted.add("val");
  if (policy.uses.includes("testShare") && testShare > 0) wanted.add("test");
  const parts = new Map<Part, PartInfo>();
  for (const part of PARTS.filter((name) => wanted.has(name))) {
    const members = samples.filter((_, i) => partsOf[i]!.includes(part));
    const info = { ...countSamples(members, classes), from: countOrigins(members) };
    checkNotEmpty(part, { count: info.count, total: samples.length });
    parts.set(part, info);
  }
  if (!allowMissing) checkTrain("train", { train: parts.get("train")!, whole: countSamples(samples, classes) });
  const leaks = findLeaks(samples.map((sample, i) => inParts(sample, partsOf[i]!)));
  return {
    samples,
    leftOut,
    partsOf,
    parts,
    capped: byClass(all, over),
    dropped: named(all, { leaked, fold: null }),
    folds: null,
    leaks,
  };
}

async function intoFolds(
  merged: readonly MergedSample[],
  { policy, task, search }: Splitting<FoldPolicy>,
): Promise<Split> {
  const { classes, valShare, allowMissing } = task;
  const all = await withPhotos(merged, { task, search, sides: new Uint8Array(merged.length).fill(SIDES.both) });
  const used = new Uint8Array(all.length);
  const dropped: Dropped[] = [];
  const capped: number[] = [];
  const given = policy.fold(all, task).map((rows, index) => {
    for (const part of FOLD_PARTS) for (const i of rows[part]) used[i] = 1;
    const leaked = leakedOf(all, {
      leaks: task.leaks,
      train: rows.train,
      heldOut: [...rows.val, ...rows.test],
    });
    for (const each of named(all, { leaked, fold: index + 1 }) ?? []) dropped.push(each);
    const isDropped = new Set(leaked?.map(({ sample }) => sample));
    const over = overCap(all, { ...task, train: [...rows.train].filter((i) => !isDropped.has(i)) });
    for (const i of over) {
      isDropped.add(i);
      capped.push(i);
    }
    const train = rows.train.filter((i) => !isDropped.has(i));
    return { name: rows.name, train, val: rows.val, test: rows.test };
  });
  const isTaken = (i: number): boolean => used[i] === 1;
  const { samples, leftOut } = taken(all, { ...task, isTaken, isLeftOut: (i) => !isTaken(i) });
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
      if (counts !== null) checkNotEmpty(`fold ${index + 1}, ${part}`, { count: counts.count, total: samples.length });
    if (!allowMissing) checkTrain(`fold ${index + 1}, train`, { train: info.train, whole });
    return { rows, info: { name, ...info, leaks: leaksOfFold(samples, rows) } };
  });
  const sum = (key: "exact" | "near" | "groups"): number =>
    folds.reduce((total, { info }) => total + (info.leaks[key] ?? 0), 0);
  return {
    samples,
    leftOut,
    partsOf: samples.map(() => ALL),
    parts: new Map([["all", { ...whole, from: countOrigins(samples) }]]),
    capped: byClass(all, capped),
    dropped: task.leaks === "drop-from-train" ? dropped : null,
    folds,
    leaks: {
      exact: sum("exact"),
      near: task.near ? sum("near") : null,
      groups: sum("groups"),
      conflicts: findLeaks(samples.map((sample) => inParts(sample, ALL))).conflicts,
    },
  };
}

/** Twins of held-out samples in train; `null` where they stay. */
function leakedOf(
  samples: readonly SplitSample[],
  { leaks, ...sides }: Pick<SplitTask, "leaks"> & Record<"train" | "heldOut", Iterable<number>>,
): Leaked[] | null {
  return leaks === "drop-from-train" ? leakedTraining(samples, sides) : null;
}

function named(
  all: readonly MergedSample[],
  { leaked, fold }: { leaked: readonly Leaked[] | null; fold: number | null },
): Dropped[] | null {
  if (leaked === null) return null;
  return leaked.map(({ sample, twin, kind }) => ({ sample: all[sample]!, twin: all[twin]!, kind, fold }));
}

function byClass(all: readonly MergedSample[], positions: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const i of positions) {
    const expression = EXPRESSIONS[all[i]!.label]!;
    counts[expression] = (counts[expression] ?? 0) + 1;
  }
  return counts;
}

const positions = <T>(of: readonly T[], is: (item: T) => boolean): number[] =>
  of.flatMap((item, i) => (is(item) ? [i] : []));

interface Taking extends Pick<SplitTask, "classes" | "allowMissing"> {
  isTaken: (position: number) => boolean;
  isLeftOut: (position: number) => boolean;
}

/** What the policy took of the samples; what is left is a set again, with all classes. */
function taken(
  all: readonly SplitSample[],
  { isTaken, isLeftOut, ...wanted }: Taking,
): Pick<Split, "samples" | "leftOut"> {
  const samples = all.filter((_, i) => isTaken(i));
  if (samples.length < all.length) checkClasses(samples, wanted);
  return { samples, leftOut: countOrigins(all.filter((_, i) => isLeftOut(i))) };
}

const inParts = ({ label, group, pixelHash, photo }: SplitSample, parts: readonly Part[]): LeakSample => ({
  label,
  group,
  pixelHash,
  photo,
  parts,
});

/** Sides on which the parts of a sample are, as bits. */
const sidesOf = (parts: readonly Part[]): number =>
  (parts.includes("train") ? SIDES.train : 0) | (parts.includes("val") || parts.includes("test") ? SIDES.heldOut : 0);

async function withPhotos(
  samples: readonly MergedSample[],
  { task, search, sides }: { task: SplitTask; search: PhotoSearch; sides: Uint8Array },
): Promise<SplitSample[]> {
  if (!task.near) return samples.map((sample) => ({ ...sample, photo: null }));
  const photos = await findPhotos(samples, { ...search, sides });
  return samples.map((sample, i) => ({ ...sample, photo: photos[i]! }));
}

function leaksOfFold(samples: readonly SplitSample[], rows: FoldPositions): LeakReport {
  return findLeaks(FOLD_PARTS.flatMap((part) => Array.from(rows[part], (i) => inParts(samples[i]!, [part]))));
}
