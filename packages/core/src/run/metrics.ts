/**
 * Metrics: functions of a confusion matrix, by the name that they have in `metrics.json`. A new metric is an entry of
 * {@link METRICS}: the schemas of a run, baselines, the pooling of folds, the report and what commands print follow
 * from it. That is why they live beside the schemas.
 */
import { z } from "zod";

/** Counts of (truth, prediction) pairs: `matrix[truth][prediction]`. Pooling folds is adding matrices. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** A score of a classifier; the larger, the better, 1 at most. */
export interface Metric {
  /** As a column names it. */
  title: string;
  /** Of a matrix; 0 for an empty one. */
  of(matrix: ConfusionMatrix): number;
  /** The least that it can be; default 0. */
  least?: -1 | 0;
}

/** All metrics, the one that is named first first. */
export const METRICS = {
  /** Share of samples whose prediction is their truth. */
  accuracy: {
    title: "accuracy",
    of: (matrix) => share(sum(matrix.map((row, label) => row[label]!)), sum(matrix.map(sum))),
  },
  /** Mean recall over the classes that have samples (Brodersen et al. 2010). */
  balancedAccuracy: {
    title: "balanced accuracy",
    of: (matrix) => meanOf(matrix.map((_, label) => classMetrics(matrix, label).recall)),
  },
  /** Mean F1 over the classes that have samples; one that is absent from the part neither helps nor hurts. */
  macroF1: { title: "macro-F1", of: (matrix) => meanOf(matrix.map((_, label) => classMetrics(matrix, label).f1)) },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

/** Names in order. */
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** Metrics that files of every version have; a later one is missing in earlier files. */
const FIRST = ["accuracy", "balancedAccuracy", "macroF1"] as const satisfies MetricName[];
type First = (typeof FIRST)[number];

type ByMetric<S extends z.ZodType> = Record<First, S> & Record<Exclude<MetricName, First>, z.ZodOptional<S>>;

/** A schema for each metric. */
export function byMetric<S extends z.ZodType>(schemaOf: (metric: Metric) => S): ByMetric<S> {
  const isFirst = (name: string): boolean => (FIRST as readonly string[]).includes(name);
  const entries = METRIC_NAMES.map((name) => {
    const schema = schemaOf(METRICS[name]);
    return [name, isFirst(name) ? schema : schema.optional()];
  });
  return Object.fromEntries(entries) as ByMetric<S>;
}

/** Scores of a classifier on one part. */
export const Scores = z.object(byMetric(({ least = 0 }) => z.number().min(least).max(1)));
export type Scores = z.infer<typeof Scores>;

/**
 * All metrics of a confusion matrix.
 *
 * @example
 * ```ts
 * import { confusionMatrix, scoresOf } from "@fer/core/run";
 *
 * const matrix = confusionMatrix({ truth: [0, 0, 0, 1], predicted: [0, 0, 1, 1] }, 2);
 * console.log(matrix); // [ [ 2, 1 ], [ 0, 1 ] ]
 * console.log(scoresOf(matrix).accuracy); // 0.75
 * ```
 */
export const scoresOf = (matrix: ConfusionMatrix): Scores =>
  Object.fromEntries(METRIC_NAMES.map((name) => [name, METRICS[name].of(matrix)])) as Scores;

/** Class indices by sample. */
export interface ClassIndices {
  truth: ArrayLike<number>;
  predicted: ArrayLike<number>;
}

/** Confusion matrix of class indices. */
export function confusionMatrix({ truth, predicted }: ClassIndices, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let i = 0; i < truth.length; i++) matrix[truth[i]!]![predicted[i]!]!++;
  return matrix;
}

/** Scores of one class. `null` where it has no samples. */
export const ClassMetrics = z.strictObject({
  precision: z.number().min(0).max(1).nullable(),
  recall: z.number().min(0).max(1).nullable(),
  f1: z.number().min(0).max(1).nullable(),
  support: z.number().int(),
});
export type ClassMetrics = z.infer<typeof ClassMetrics>;

/**
 * Precision, recall and F1 of one class against the rest (van Rijsbergen 1979), as scikit-learn computes them with
 * `zero_division=0`, except that a class without samples has no scores at all.
 */
export function classMetrics(matrix: ConfusionMatrix, label: number): ClassMetrics {
  const support = sum(matrix[label]!);
  if (support === 0) return { precision: null, recall: null, f1: null, support };
  const hits = matrix[label]![label]!;
  const predicted = sum(matrix.map((row) => row[label]!));
  return {
    precision: share(hits, predicted),
    recall: hits / support,
    f1: (2 * hits) / (support + predicted),
    support,
  };
}

/** Mean and sample standard deviation of a score over folds. */
export const Spread = z.object({ mean: z.number(), deviation: z.number() });
export type Spread = z.infer<typeof Spread>;

/** Spread of values; fewer than two do not deviate. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = meanOf(values);
  const squares = sum(values.map((value) => (value - mean) ** 2));
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}

/** Spread of each metric over several scores; a metric that is missing in some counts where it is there. */
export const spreadsOf = (scores: readonly Partial<Scores>[]): Record<MetricName, Spread> =>
  Object.fromEntries(
    METRIC_NAMES.map((name) => [name, spreadOf(scores.flatMap((each) => each[name] ?? []))]),
  ) as Record<MetricName, Spread>;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Of what is there; 0 for nothing. */
function meanOf(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return share(sum(known), known.length);
}
