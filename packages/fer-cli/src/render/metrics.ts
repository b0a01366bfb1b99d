/** What `fer train` and `fer evaluate` say about a model's scores. */
import { METRIC_NAMES, METRICS, type Metrics, type Scores } from "@fer/core/run";
import { percent, table } from "../output/table.js";

/** Scores with the baselines beside them, then each class. */
export function renderMetrics(metrics: Metrics): string {
  const { baselines, set, part, count, weights } = metrics;
  const row = (name: string, scores: Scores) => [name, ...METRIC_NAMES.map((metric) => percent(scores[metric]))];
  const scores = [row(`network (${weights} epoch)`, metrics)];
  if (baselines?.ridge) scores.push(row("ridge on raw pixels", baselines.ridge));
  if (baselines) scores.push(row("always the commonest class", baselines.majority));
  const classes = metrics.classes.map((name) => {
    const each = metrics.perClass[name];
    return [name, percent(each?.precision), percent(each?.recall), percent(each?.f1), each?.support ?? 0];
  });
  const { spread, folds } = metrics;
  return [
    `${set.name}, ${part === "folds" ? `${folds?.length ?? 0} folds pooled` : `${part} part`}: ${count} images`,
    "",
    table(["", ...METRIC_NAMES.map((metric) => METRICS[metric].title)], scores),
    ...(spread
      ? [
          "",
          `over the folds: accuracy ${percent(spread.accuracy.mean)}, deviation ${percent(spread.accuracy.deviation)}`,
        ]
      : []),
    "",
    table(["class", "precision", "recall", "F1", "images"], classes),
  ].join("\n");
}
