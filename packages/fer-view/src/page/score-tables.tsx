/** Scores of a run beside what they are held against, and by class. */
import type { Metrics } from "@fer/core/run";
import type { RunAnswer } from "../protocol.js";
import { DataTable, numberColumns } from "./data-table.js";
import { count, percent, within } from "./numbers.js";

export const ScoreTable = ({ scores, rows }: Pick<RunAnswer, "scores" | "rows">) => (
  <DataTable
    caption="In brackets: intervals of 95 % (bootstrap). Baselines were trained on the same images."
    columns={numberColumns("", "images", ...scores.map(({ title }) => title))}
    rows={rows.map(({ name, count: n, values, intervals }) => [
      name,
      count(n),
      ...scores.map((score) => within(values[score.name], intervals?.[score.name])),
    ])}
  />
);

export const ClassTable = ({ metrics }: { metrics: Metrics }) => (
  <DataTable
    caption="Precision: how many of those named so are so. Recall: how many of those that are so are named so."
    columns={numberColumns("expression", "images", "precision", "recall", "F1")}
    rows={metrics.classes.map((name) => {
      const { precision, recall, f1 } = metrics.perClass[name] ?? {};
      return [
        name,
        count(metrics.support[name] ?? 0),
        percent(precision),
        percent(recall),
        within(f1, metrics.intervals?.f1[name]),
      ];
    })}
  />
);

/** Each fold by itself. */
export const FoldTable = ({ metrics, scores }: { metrics: Metrics } & Pick<RunAnswer, "scores">) =>
  metrics.folds === undefined ? null : (
    <DataTable
      caption="By fold; the scores above pool all folds"
      columns={numberColumns("fold", "images", ...scores.map(({ title }) => title))}
      rows={metrics.folds.map((fold) => [
        `fold ${fold.fold}`,
        count(fold.count),
        ...scores.map(({ name }) => percent((fold as unknown as Record<string, number>)[name])),
      ])}
    />
  );
