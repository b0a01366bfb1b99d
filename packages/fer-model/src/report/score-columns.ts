/** The metrics of a classifier as columns of a table. */
import type { Column } from "@fer/core/html";
import { METRIC_NAMES, METRICS, type Scores } from "@fer/core/run";
import { percent } from "./numbers.js";

export const SCORE_COLUMNS: readonly Column[] = METRIC_NAMES.map((name) => ({
  title: METRICS[name].title,
  number: true,
}));

/** Their cells. */
export const scoreCells = (scores: Scores): string[] => METRIC_NAMES.map((name) => percent(scores[name]));
