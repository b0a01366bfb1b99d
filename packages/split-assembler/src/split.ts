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
import type { Samples } from "./merge/samples.js";
import { overCap } from "./over-cap.js";
import { policies, type PolicyName } from "./policies/index.js";
import type { FoldPolicy, FoldPositions, PartPolicy, SplitPolicy, SplitSettings } from "./policies/policy.js";
import { countOrigins } from "./policies/selector.js";

/** What a policy made of the samples. */
export interface Split {
  /** Those that are in the set, in their order. */
  samples: Samples;
  /** For each sample a number that the pictures of one photo share; `null` where near ones were not looked for. */
  photos: Uint32Array | null;
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
  samples: Samples,
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

async function intoParts(all: Samples, { policy, task, search }: Splitting<PartPolicy>): Promise<Split> {
  const { classes, valShare, testShare, allowMissing } = task;
  const asked = policy.assign(all, task);
  const allPhotos = await photosOf(all, { task, search, sides: Uint8Array.from(asked, sidesOf) });
  const leaked = leakedOf(all, {
    leaks: task.leaks,
    photos: allPhotos,
    train: positions(asked, (parts) => parts.includes("train")),
    heldOut: positions(asked, (parts) => parts.includes("val") || parts.includes("test")),
  });
  const isDropped = new Set(leaked?.map(({ sample }) => sample));
  const train = positions(asked, (parts) => parts.includes("train")).filter((i) => !isDropped.has(i));
  const over = overCap(all, { ...task, train });
  for (const i of over) isDropped.add(i);
  const assigned =
    isDropped.size === 0
      ? asked
      : asked.map((parts, i) => (isDropped.has(i) ? parts.filter((part) => part !== "train") : parts));
  const isTaken = (i: number): boolean => assigned[i]!.length > 0;
  const { samples, photos, leftOut } = taken(all, {
    ...task,
    photos: allPhotos,
    isTaken,
    isLeftOut: (i) => asked[i]!.length === 0,
  });
  const partsOf = samples.length === all.length ? assigned : assigned.filter((parts) => parts.length > 0);
  const wanted = new Set<Part>(["train"]);
  for (const given of partsOf) for (const part of given) wanted.add(part);
  if (policy.uses.includes("valShare") && valShare > 0) wanted.add("val");
  if (policy.uses.includes("testShare") && testShare > 0) wanted.add("test");
  const parts = new Map<Part, PartInfo>();
  for (const part of PARTS.filter((name) => wanted.has(name))) {
    const members = samples.pick(positions(partsOf, (given) => given.includes(part)));
    const info = { ...countSamples(members, classes), from: countOrigins(members) };
    checkNotEmpty(part, { count: info.count, total: samples.length });
    parts.set(part, info);
  }
  if (!allowMissing) checkTrain("train", { train: parts.get("train")!, whole: countSamples(samples, classes) });
  const leaks = findLeaks(inParts({ samples, photos }, (i) => partsOf[i]!));
  return {
    samples,
    photos,
    leftOut,
    partsOf,
    parts,
    capped: byClass(all, over),
    dropped: named(all, { leaked, fold: null }),
    folds: null,
    leaks,
  };
}

async function intoFolds(all: Samples, { policy, task, search }: Splitting<FoldPolicy>): Promise<Split> {
  const { classes, valShare, allowMissing } = task;
  const allPhotos = await photosOf(all, { task, search, sides: new Uint8Array(all.length).fill(SIDES.both) });
  const used = new Uint8Array(all.length);
  const dropped: Dropped[] = [];
  const capped: number[] = [];
  const given = policy.fold(all, task).map((rows, index) => {
    for (const part of FOLD_PARTS) for (const i of rows[part]) used[i] = 1;
    const leaked = leakedOf(all, {
      leaks: task.leaks,
      photos: allPhotos,
      train: rows.train,
      heldOut: [...rows.val, ...rows.test],
    });
    for (const each of named(all, { leaked, fold: index + 1 }) ?? []) dropped.push(each);
    const isDropped = new Set(leaked?.map(({ sample }) => sample));
    const over = overCap(all, { ...task, train: rows.train.filter((i) => !isDropped.has(i)) });
    for (const i of over) {
      isDropped.add(i);
      capped.push(i);
    }
    const train = rows.train.filter((i) => !isDropped.has(i));
    return { name: rows.name, train, val: rows.val, test: rows.test };
  });
  const isTaken = (i: number): boolean => used[i] === 1;
  const { samples, photos, leftOut } = taken(all, {
    ...task,
    photos: allPhotos,
    isTaken,
    isLeftOut: (i) => !isTaken(i),
  });
  const row = new Uint32Array(all.length);
  for (let i = 0, next = 0; i < all.length; i++) row[i] = used[i] === 1 ? next++ : 0;
  const moved = (positions: Uint32Array): Uint32Array => positions.map((i) => row[i]!);

  const whole = countSamples(samples, classes);
  const folds = given.map(({ name, train, val, test }, index) => {
    const rows = { name, train: moved(train), val: moved(val), test: moved(test) };
    const of = (part: FoldPartName): PartInfo => countSamples(samples.pick(rows[part]), classes);
    const info = {
      train: of("train"),
      val: val.length > 0 || (policy.uses.includes("valShare") && valShare > 0) ? of("val") : null,
      test: of("test"),
    };
    for (const [part, counts] of Object.entries(info))
      if (counts !== null) checkNotEmpty(`fold ${index + 1}, ${part}`, { count: counts.count, total: samples.length });
    if (!allowMissing) checkTrain(`fold ${index + 1}, train`, { train: info.train, whole });
    return { rows, info: { name, ...info, leaks: leaksOfFold({ samples, photos }, rows) } };
  });
  const sum = (key: "exact" | "near" | "groups"): number =>
    folds.reduce((total, { info }) => total + (info.leaks[key] ?? 0), 0);
  return {
    samples,
    photos,
    leftOut,
    partsOf: Array.from(samples.keys(), () => ALL),
    parts: new Map([["all", { ...whole, from: countOrigins(samples) }]]),
    capped: byClass(all, capped),
    dropped: task.leaks === "drop-from-train" ? dropped : null,
    folds,
    leaks: {
      exact: sum("exact"),
      near: task.near ? sum("near") : null,
      groups: sum("groups"),
      conflicts: findLeaks(inParts({ samples, photos }, () => ALL)).conflicts,
    },
  };
}

/** Twins of held-out samples in train; `null` where they stay. */
function leakedOf(
  samples: Samples,
  {
    leaks,
    photos,
    ...sides
  }: Pick<SplitTask, "leaks"> & Pick<Split, "photos"> & Record<"train" | "heldOut", Iterable<number>>,
): Leaked[] | null {
  return leaks === "drop-from-train" ? leakedTraining({ pixels: pixelsOf(samples), photos }, sides) : null;
}

/** A number for each sample that those of the same pixels share. */
export const pixelsOf = (samples: Samples): Uint32Array => Uint32Array.from(samples, ({ pixels }) => pixels);

function named(
  all: Samples,
  { leaked, fold }: { leaked: readonly Leaked[] | null; fold: number | null },
): Dropped[] | null {
  if (leaked === null) return null;
  return leaked.map(({ sample, twin, kind }) => ({ sample: all.at(sample)!, twin: all.at(twin)!, kind, fold }));
}

function byClass(all: Samples, positions: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const i of positions) {
    const expression = EXPRESSIONS[all.at(i)!.label]!;
    counts[expression] = (counts[expression] ?? 0) + 1;
  }
  return counts;
}

function positions<T>(of: readonly T[], is: (item: T) => boolean): Uint32Array {
  const found = new Uint32Array(of.length);
  let count = 0;
  for (const [i, item] of of.entries()) if (is(item)) found[count++] = i;
  return found.slice(0, count);
}

interface Taking extends Pick<SplitTask, "classes" | "allowMissing">, Pick<Split, "photos"> {
  isTaken: (position: number) => boolean;
  isLeftOut: (position: number) => boolean;
}

/** What the policy took of the samples; what is left is a set again, with all classes. */
function taken(
  all: Samples,
  { photos, isTaken, isLeftOut, ...wanted }: Taking,
): Pick<Split, "samples" | "photos" | "leftOut"> {
  const every = Uint32Array.from(all.keys());
  const kept = every.filter(isTaken);
  const leftOut = countOrigins(all.pick(every.filter(isLeftOut)));
  if (kept.length === all.length) return { samples: all, photos, leftOut };
  const samples = all.pick(kept);
  checkClasses(samples, wanted);
  return { samples, photos: photos === null ? null : kept.map((i) => photos[i]!), leftOut };
}

/** Samples with their parts, one at a time. */
const inParts = (
  { samples, photos }: Pick<Split, "samples" | "photos">,
  partsOf: (position: number) => readonly Part[],
): Iterable<LeakSample> => ({
  *[Symbol.iterator]() {
    for (const [i, { label, group, pixels }] of samples.entries())
      yield { label, group, pixels, photo: photos === null ? null : photos[i]!, parts: partsOf(i) };
  },
});

/** Sides on which the parts of a sample are, as bits. */
const sidesOf = (parts: readonly Part[]): number =>
  (parts.includes("train") ? SIDES.train : 0) | (parts.includes("val") || parts.includes("test") ? SIDES.heldOut : 0);

async function photosOf(
  samples: Samples,
  { task, search, sides }: { task: SplitTask; search: PhotoSearch; sides: Uint8Array },
): Promise<Uint32Array | null> {
  return task.near ? findPhotos(samples, { ...search, sides }) : null;
}

function leaksOfFold({ samples, photos }: Pick<Split, "samples" | "photos">, rows: FoldPositions): LeakReport {
  const partOf = new Uint8Array(samples.length).fill(FOLD_PARTS.length);
  for (const [at, part] of FOLD_PARTS.entries()) for (const i of rows[part]) partOf[i] = at;
  const used = Uint32Array.from(samples.keys()).filter((i) => partOf[i]! < FOLD_PARTS.length);
  const of = { samples: samples.pick(used), photos: photos === null ? null : used.map((i) => photos[i]!) };
  return findLeaks(inParts(of, (at) => FOLD_PARTS_OF[partOf[used[at]!]!]!));
}

const FOLD_PARTS_OF = FOLD_PARTS.map((part): readonly Part[] => [part]);
