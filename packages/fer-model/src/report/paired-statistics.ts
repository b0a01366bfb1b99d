/**
 * Statistics of classifiers that were tested on the same samples: what differs between them beyond chance.
 *
 * - McNemar's test, exact (McNemar 1947; the exact binomial form as Dietterich 1998 and statsmodels have it).
 * - Percentile intervals by the bootstrap (Efron 1979), paired: every classifier is scored on the same draws, so that what
 *   is hard in a draw is hard for all. With groups whole groups are drawn (Davison and Hinkley 1997, 3.8): images of one
 *   person or clip are not independent.
 * - Holm's correction (Holm 1979) where several are compared.
 */
import { below, keyedRandom } from "@fer/core";
import { METRIC_NAMES, type MetricName, METRICS } from "@fer/core/run";

/** Samples on which two classifiers disagree in being right. */
export interface Discordant {
  /** The first is right, the second wrong. */
  first: number;
  second: number;
}

/** Counts them. @param of Class indices by sample. */
export function discordant({
  truth,
  first,
  second,
}: Readonly<Record<"truth" | "first" | "second", ArrayLike<number>>>): Discordant {
  const counts = { first: 0, second: 0 };
  for (let i = 0; i < truth.length; i++) {
    const [a, b] = [first[i] === truth[i], second[i] === truth[i]];
    if (a && !b) counts.first++;
    if (b && !a) counts.second++;
  }
  return counts;
}

/**
 * The chance, were both equally good, of counts at least so unlike: two-sided, `2 P(X <= min(first, second))` with X from
 * a binomial distribution of `first + second` fair coins, 1 at most.
 */
export function mcNemar({ first, second }: Discordant): number {
  const coins = first + second;
  const least = Math.min(first, second);
  // ln of the terms: of the sum, the last is the largest.
  const terms = [-coins * Math.LN2];
  for (let i = 0; i < least; i++) terms.push(terms[i]! + Math.log((coins - i) / (i + 1)));
  const last = terms.at(-1)!;
  const sum = terms.reduce((total, term) => total + Math.exp(term - last), 0);
  return Math.min(1, 2 * Math.exp(last) * sum);
}

/** Holm's step-down correction of several tests, in their order. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).toSorted((a, b) => values[a]! - values[b]!);
  const adjusted = [...values];
  let largest = 0;
  for (const [rank, at] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * values[at]!));
    adjusted[at] = largest;
  }
  return adjusted;
}

/** The middle 95 % of values: quantiles 0.025 and 0.975, linear between neighbours as numpy's. */
export function middle(values: ArrayLike<number>): [low: number, high: number] {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    const place = (sorted.length - 1) * share;
    const below = Math.floor(place);
    return sorted[below]! + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - sorted[below]!);
  };
  return [at(0.025), at(0.975)];
}

/** What several classifiers said about the same samples. */
export interface PairedPredictions {
  /** Class index by sample. */
  truth: ArrayLike<number>;
  /** One list a classifier. */
  predicted: readonly ArrayLike<number>[];
  /** Number of the group of each sample, from 0; `null` where each stands alone. */
  groups: ArrayLike<number> | null;
}

export interface BootstrapOptions {
  classes: number;
  resamples: number;
  seed: number;
  /** Awaited between two draws. */
  turn: () => Promise<void>;
}

/** Scores of each classifier, by metric, one a draw. */
export type Draws = Record<MetricName, Float64Array>[];

/** Draws samples, or groups, with replacement, as many as there are, and scores all classifiers on each draw. */
export async function bootstrap(
  { truth, predicted, groups }: PairedPredictions,
  { classes, resamples, seed, turn }: BootstrapOptions,
): Promise<Draws> {
  const cells = predicted.map((labels) => Int32Array.from(truth, (label, i) => label * classes + labels[i]!));
  const { starts, samples } = unitsOf(groups, truth.length);
  const units = starts.length - 1;
  const draws = predicted.map(
    () => Object.fromEntries(METRIC_NAMES.map((name) => [name, new Float64Array(resamples)])) as Draws[number],
  );
  const next = keyedRandom(seed, "bootstrap");
  for (let draw = 0; draw < resamples; draw++) {
    await turn();
    const counts = cells.map(() => new Int32Array(classes * classes));
    for (let drawn = 0; drawn < units; drawn++) {
      const unit = below(next, units);
      for (let at = starts[unit]!; at < starts[unit + 1]!; at++) {
        const sample = samples[at]!;
        for (let of = 0; of < cells.length; of++) counts[of]![cells[of]![sample]!]!++;
      }
    }
    for (const [of, count] of counts.entries()) {
      const matrix = Array.from({ length: classes }, (_, row) => [
        ...count.subarray(row * classes, (row + 1) * classes),
      ]);
      for (const name of METRIC_NAMES) draws[of]![name][draw] = METRICS[name].of(matrix);
    }
  }
  return draws;
}

/** Samples that are drawn together: unit `u` is `samples[starts[u]]` to before `samples[starts[u + 1]]`. */
function unitsOf(groups: ArrayLike<number> | null, count: number): { starts: Int32Array; samples: Int32Array } {
  const units: number[][] = [];
  for (let sample = 0; sample < count; sample++) (units[groups?.[sample] ?? sample] ??= []).push(sample);
  const starts = new Int32Array(units.length + 1);
  for (const [unit, members] of units.entries()) starts[unit + 1] = starts[unit]! + members.length;
  return { starts, samples: Int32Array.from(units.flat()) };
}
