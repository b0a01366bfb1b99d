/** The metrics of a classifier as columns of a table. */
import type { Column } from "@fer/core/html";
import { METRIC_NAMES, METRICS, type Metrics, type Scores } from "@fer/core/run";
import { estimate, percent } from "./numbers.js";

export const SCORE_COLUMNS: readonly Column[] = METRIC_NAMES.map((name) => ({
  title: METRICS[name].title,
  number: true,
}));

/** Their cells. */
export const scoreCells = (scores: Scores): string[] => METRIC_NAMES.map((name) => percent(scores[name]));

/** The same with their intervals. */
export const estimateCells = (metrics: Scores & Pick<Metrics, "intervals">): string[] =>
  METRIC_NAMES.map((name) => estimate(metrics[name], metrics.intervals?.[name]));
