/** Runs that were tested on the same images, held against the first of them. */
import { FormatError, OptionsError } from "@fer/core";
import {
  bootstrap,
  type Draws,
  groupNumbers,
  type MetricName,
  METRIC_NAMES,
  Metrics,
  middle,
  RUN_FILES,
  RunFolder,
} from "@fer/core/run";
import { acceptedFingerprint, type AssembledSet } from "@fer/core/set";
import { groupsOf } from "../predict/groups-of.js";
import { parsePredictions } from "../predict/predictions-file.js";
import { turns } from "../turns.js";
import { type Discordant, discordant, holm, mcNemar } from "./paired-statistics.js";

/** A number with its interval of 95 %. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** One of the runs. */
export interface ComparedRun {
  /** As it was named. */
  run: string;
  scores: Record<MetricName, Estimate>;
  /** Against the first run; `null` for that itself. */
  against: {
    /** Score minus that of the first. */
    differences: Record<MetricName, Estimate>;
    /** Images that one of the two alone has right: the first run, or this one as second. */
    onlyRight: Discordant;
    /** Of McNemar's exact test, by images. */
    p: number;
    /** The same with Holm's correction for the number of comparisons. */
    pHolm: number;
  } | null;
}

export interface Comparison {
  /** What they were tested on. */
  set: string;
  part: Metrics["part"];
  images: number;
  /** What the bootstrap draws, how many there are, and how often it draws as many. */
  units: "images" | "groups";
  unitCount: number;
  resamples: number;
  runs: ComparedRun[];
}

export interface CompareOptions {
  /** The set they were tested on: its groups (people, clips) are drawn in place of single images. */
  set?: AssembledSet | undefined;
  /** Draws of the bootstrap; default 10,000. */
  resamples?: number;
  /** Decides the draws; default 1. */
  seed?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Compares runs on what all of them were tested on: the test part of their set, or all folds.
 *
 * @param folders Run folders, two or more. The first is what the others are held against.
 * @throws OptionsError `DIFFERENT_TESTS` where they were not tested on the same images; FormatError where a run is not as it
 * was written, or has no test part.
 * @example
 * ```ts
 * import { compareRuns } from "@fer/model";
 *
 * const { runs } = await compareRuns(["runs/seeds/seed-1", "runs/seeds/seed-2"]);
 * console.log(runs[1]?.against?.p, runs[1]?.against?.differences.accuracy); // such as 0.21 { value: 0.01, low: -0.02, high: 0.04 }
 * ```
 */
export async function compareRuns(
  folders: readonly string[],
  { set, resamples = 10_000, seed = 1, signal }: CompareOptions = {},
): Promise<Comparison> {
  if (folders.length < 2) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "compare",
      found: `${folders.length === 0 ? "no run" : "one run"}`,
      expected: "two runs or more",
    });
  }
  const tested = [];
  for (const folder of folders) tested.push(await testOf(folder));
  const [first, ...others] = tested as [Tested, ...Tested[]];
  for (const other of others) refuseOtherTest(first, other);
  const { truth, ids, metrics } = first;
  const { classes } = metrics;
  const groups = set === undefined ? null : groupNumbers(await testedGroups(set, { ids, metrics }));
  const classifiers = tested.map(({ predicted }) => ({ predicted, probabilities: null }));
  const options = { classes: classes.length, resamples, seed, turn: turns(signal) };
  const draws = await bootstrap({ truth, classifiers, groups }, options);
  const counts = others.map((other) => discordant({ truth, first: first.predicted, second: other.predicted }));
  const chances = counts.map(mcNemar);
  const corrected = holm(chances);
  return {
    set: metrics.set.name,
    part: metrics.part,
    images: truth.length,
    units: groups === null ? "images" : "groups",
    unitCount: groups === null ? truth.length : new Set(groups).size,
    resamples,
    runs: tested.map((each, at) => ({
      run: each.folder,
      scores: estimates((name) => ({ value: each.metrics[name]!, draws: draws[at]![name] })),
      against:
        at === 0
          ? null
          : {
              differences: estimates((name) => differenceIn(name, { draws, at, first, other: each })),
              onlyRight: counts[at - 1]!,
              p: chances[at - 1]!,
              pHolm: corrected[at - 1]!,
            },
    })),
  };
}

interface Tested {
  folder: string;
  metrics: Metrics;
  ids: readonly string[];
  truth: readonly number[];
  predicted: readonly number[];
}

/** What a run said about the images that it was tested on. */
async function testOf(folder: string): Promise<Tested> {
  const run = await RunFolder.open(folder);
  const metrics = await run.json(RUN_FILES.metrics, Metrics);
  const bytes = await run.bytes(RUN_FILES.predictions);
  if (metrics === null || bytes === null) {
    throw new FormatError({
      code: "NO_METRICS",
      subject: folder,
      found: "its set had no test part",
      expected: "runs that were tested",
      fix: "Train on a set with a test part, or in folds",
    });
  }
  return { folder, metrics, ...parsePredictions(bytes.toString("utf8"), metrics.classes) };
}

/** @throws OptionsError where two runs were not tested on the same images, in the same classes. */
function refuseOtherTest(first: Tested, other: Tested): void {
  const refused = (found: string): OptionsError =>
    new OptionsError({
      code: "DIFFERENT_TESTS",
      subject: other.folder,
      found,
      expected: `the same images as ${first.folder}: a comparison is image by image`,
      fix: "Compare runs of one set",
    });
  const [a, b] = [first.metrics, other.metrics];
  if (a.classes.join("\n") !== b.classes.join("\n")) throw refused(`the classes ${b.classes.join(", ")}`);
  if (other.ids.length !== first.ids.length)
    throw refused(
      `it was tested on ${other.ids.length} images of set ${b.set.name}, not ${first.ids.length} of ${a.set.name}`,
    );
  const at = other.ids.findIndex((id, row) => id !== first.ids[row] || other.truth[row] !== first.truth[row]);
  if (at < 0) return;
  const label = ({ ids, truth, metrics }: Tested): string => `${ids[at]} (${metrics.classes[truth[at]!]})`;
  throw refused(`row ${at + 1} of its predictions is ${label(other)} instead of ${label(first)}`);
}

/** The group of each image. @throws OptionsError where the set is not what was tested on. */
async function testedGroups(
  set: AssembledSet,
  { ids, metrics }: Pick<Tested, "ids" | "metrics">,
): Promise<(string | null)[]> {
  const { part, set: of } = metrics;
  if ((await acceptedFingerprint(set)) !== of.fingerprint) {
    throw new OptionsError({
      code: "DIFFERENT_TESTS",
      subject: `set ${set.name}`,
      found: "other data than the runs were tested on",
      expected: `set ${of.name} as it was then`,
      fix: "Name that set, or leave it out to draw single images",
    });
  }
  return groupsOf(set, { part, ids });
}

function differenceIn(
  name: MetricName,
  { draws, at, first, other }: { draws: Draws[]; at: number; first: Tested; other: Tested },
): { value: number; draws: Float64Array } {
  const [a, b] = [draws[0]![name], draws[at]![name]];
  return { value: other.metrics[name]! - first.metrics[name]!, draws: b.map((value, draw) => value - a[draw]!) };
}

const estimates = (of: (name: MetricName) => { value: number; draws: Float64Array }): Record<MetricName, Estimate> =>
  Object.fromEntries(
    METRIC_NAMES.map((name) => {
      const { value, draws } = of(name);
      const [low, high] = middle(draws);
      return [name, { value, low, high }];
    }),
  ) as Record<MetricName, Estimate>;
