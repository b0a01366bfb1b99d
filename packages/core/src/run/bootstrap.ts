/**
 * Intervals of scores by the bootstrap (Efron 1979): samples are drawn with replacement, as many as there are, and
 * scored; the middle 95 % of the scores of many draws is the percentile interval. Several classifiers are scored on the
 * same draws, so that what is hard in a draw is hard for all. Where samples stand in groups, whole groups are drawn
 * (Davison and Hinkley 1997, 3.8): images of one person or clip are not independent.
 */
import { z } from "zod";
import { below, keyedRandom } from "../random.js";
import { byMetric, classMetrics, METRIC_NAMES, type MetricName, METRICS } from "./metrics.js";
import { type Classified, Tally } from "./tally.js";

/** What several classifiers said about the same samples. */
export interface ClassifiedTogether extends Pick<Classified, "truth"> {
  /** One a classifier. */
  classifiers: readonly Omit<Classified, "truth">[];
  /** Number of the group of each sample, from 0; `null` where each stands alone. */
  groups: ArrayLike<number> | null;
}

export interface BootstrapOptions {
  classes: number;
  resamples: number;
  /** Decides the draws. */
  seed: number;
  /** Awaited between two draws. */
  turn: () => Promise<void>;
}

/** Scores of a classifier, one a draw. */
export interface Draws extends Record<MetricName, Float64Array> {
  /** `null` without probabilities. */
  certainty: Record<"top2Accuracy" | "calibrationError", Float64Array> | null;
  /** By class; NaN in draws that have no sample of it. */
  f1: Float64Array[];
}

/** Samples that are counted at a time. */
const CHUNK = 4096;

/** Draws samples, or groups, with replacement, as many as there are, and scores all classifiers on each draw. */
export async function bootstrap(
  { truth, classifiers, groups }: ClassifiedTogether,
  { classes, resamples, seed, turn }: BootstrapOptions,
): Promise<Draws[]> {
  const tallies = classifiers.map((each) => new Tally({ truth, ...each }, classes));
  const draws = classifiers.map(({ probabilities }) => emptyDraws({ classes, resamples, probabilities }));
  const { starts, samples } = unitsOf(groups, truth.length);
  const units = starts.length - 1;
  const next = keyedRandom(seed, "bootstrap");
  const chunk = new Int32Array(CHUNK);
  let filled = 0;
  const count = (): void => {
    for (const tally of tallies) tally.add(chunk, filled);
    filled = 0;
  };
  for (let draw = 0; draw < resamples; draw++) {
    await turn();
    for (const tally of tallies) tally.clear();
    for (let drawn = 0; drawn < units; drawn++) {
      const unit = below(next, units);
      for (let at = starts[unit]!; at < starts[unit + 1]!; at++) {
        chunk[filled++] = samples[at]!;
        if (filled === chunk.length) count();
      }
    }
    count();
    for (const [of, tally] of tallies.entries()) note(draws[of]!, { draw, tally });
  }
  return draws;
}

function emptyDraws({
  classes,
  resamples,
  probabilities,
}: Pick<Classified, "probabilities"> & Pick<BootstrapOptions, "classes" | "resamples">): Draws {
  const empty = (): Float64Array => new Float64Array(resamples);
  return {
    ...(Object.fromEntries(METRIC_NAMES.map((name) => [name, empty()])) as Record<MetricName, Float64Array>),
    certainty: probabilities === null ? null : { top2Accuracy: empty(), calibrationError: empty() },
    f1: Array.from({ length: classes }, empty),
  };
}

function note(draws: Draws, { draw, tally }: { draw: number; tally: Tally }): void {
  const matrix = tally.matrix();
  for (const name of METRIC_NAMES) draws[name][draw] = METRICS[name].of(matrix);
  for (const [label, values] of draws.f1.entries()) values[draw] = classMetrics(matrix, label).f1 ?? Number.NaN;
  if (draws.certainty === null) return;
  draws.certainty.top2Accuracy[draw] = tally.top2Accuracy;
  draws.certainty.calibrationError[draw] = tally.calibrationError;
}

/** Samples that are drawn together: unit `u` is `samples[starts[u]]` to before `samples[starts[u + 1]]`. */
function unitsOf(groups: ArrayLike<number> | null, count: number): { starts: Int32Array; samples: Int32Array } {
  const units: number[][] = [];
  for (let sample = 0; sample < count; sample++) (units[groups?.[sample] ?? sample] ??= []).push(sample);
  const starts = new Int32Array(units.length + 1);
  for (const [unit, members] of units.entries()) starts[unit + 1] = starts[unit]! + members.length;
  return { starts, samples: Int32Array.from(units.flat()) };
}

/** Numbers of groups by their names, in the order in which they come; a sample without a group is one of its own. */
export function groupNumbers(names: readonly (string | null)[]): Int32Array {
  const numbers = new Map<string, number>();
  let next = 0;
  return Int32Array.from(names, (name) => {
    if (name === null) return next++;
    const known = numbers.get(name);
    if (known === undefined) numbers.set(name, next);
    return known ?? next++;
  });
}

/** The middle 95 % of values: quantiles 0.025 and 0.975, linear between neighbours as numpy's; NaN is left out. */
export function middle(values: Float64Array): [low: number, high: number] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (share: number): number => {
    const place = (sorted.length - 1) * share;
    const below = Math.floor(place);
    return sorted[below]! + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - sorted[below]!);
  };
  return [at(0.025), at(0.975)];
}

/** Low and high end. */
const Interval = z.tuple([z.number(), z.number()]);

/** Intervals of 95 % of the scores of a part, by the bootstrap. */
export const Intervals = z.strictObject({
  /** What is drawn: single images, or whole groups (people, clips); and how many there are. */
  units: z.enum(["images", "groups"]),
  unitCount: z.number().int(),
  resamples: z.number().int(),
  seed: z.number().int(),
  ...byMetric(() => Interval),
  top2Accuracy: Interval,
  calibrationError: Interval,
  /** Of the F1 of each class, over the draws in which it has images; `null` for a class that has none. */
  f1: z.record(z.string(), Interval.nullable()),
});
export type Intervals = z.infer<typeof Intervals>;

export interface IntervalOptions {
  /** Names, in the order of the indices. */
  classes: readonly string[];
  /** Group of each sample; `null` where that is unknown. */
  groups: readonly (string | null)[];
  /** Draws; default 2,000. */
  resamples?: number;
  /** Decides the draws; default 1. */
  seed?: number;
  /** Awaited between two draws, such as to let others have the thread. */
  turn?: () => Promise<void>;
}

/**
 * Intervals of the scores of a classifier; `null` where there are fewer than two images, or two groups, to draw from.
 *
 * @example
 * ```ts
 * import { intervalsOf } from "@fer/core/run";
 *
 * const truth = [0, 0, 0, 1, 1, 1];
 * const predicted = [0, 0, 1, 1, 1, 0];
 * const probabilities = predicted.flatMap((label) => (label === 0 ? [0.8, 0.2] : [0.2, 0.8]));
 * const groups = ["a", "a", "b", "b", "c", "c"];
 * const found = await intervalsOf({ truth, predicted, probabilities }, { classes: ["sad", "happy"], groups });
 * console.log(found?.units, found?.accuracy); // groups [ 0.5, 1 ]
 * ```
 */
export async function intervalsOf(
  { truth, ...classifier }: Classified & { probabilities: ArrayLike<number> },
  { classes, groups, resamples = 2000, seed = 1, turn = async () => {} }: IntervalOptions,
): Promise<Intervals | null> {
  const numbers = groupNumbers(groups);
  const unitCount = new Set(numbers).size;
  if (unitCount < 2) return null;
  const options = { classes: classes.length, resamples, seed, turn };
  const [draws] = await bootstrap({ truth, classifiers: [classifier], groups: numbers }, options);
  const { certainty, f1, ...scores } = draws!;
  const has = classes.map(() => false);
  for (let sample = 0; sample < truth.length; sample++) has[truth[sample]!] = true;
  return {
    units: unitCount === truth.length ? "images" : "groups",
    unitCount,
    resamples,
    seed,
    ...(Object.fromEntries(METRIC_NAMES.map((name) => [name, middle(scores[name])])) as Record<
      MetricName,
      [number, number]
    >),
    top2Accuracy: middle(certainty!.top2Accuracy),
    calibrationError: middle(certainty!.calibrationError),
    f1: Object.fromEntries(classes.map((name, label) => [name, has[label] === true ? middle(f1[label]!) : null])),
  };
}
