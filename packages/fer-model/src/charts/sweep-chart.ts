/** What a sweep found: the score of each trial against each option that was varied. */
import { formatPercent } from "@fer/core";
import type { SweepSummary } from "../sweep/summary.js";
import { chart, type ChartSpec, INK } from "./theme.js";

const SIDE = 200;
const COLUMNS = 3;

/**
 * Vega-Lite spec: a small chart an option, a point a trial (of halving: its longest training); the best one is filled.
 *
 * @example
 * ```ts
 * import { sweepChart } from "@fer/model";
 *
 * const row = { trial: 1, epochs: 2, folder: "trial-1", drawn: { learningRate: 0.01 }, score: 0.6, bestEpoch: 2, problem: null };
 * const asked = { space: { learningRate: { min: 0.001, max: 0.1, log: true, integer: false } } };
 * const spec = sweepChart({ rows: [row], best: "trial-1", monitor: "val_accuracy", asked });
 * console.log(spec.description); // val_accuracy of 1 trial by learningRate, at best 60.0%.
 * ```
 */
export function sweepChart({
  rows,
  best,
  monitor,
  asked,
}: Pick<SweepSummary, "rows" | "best" | "monitor"> & { asked: Pick<SweepSummary["asked"], "space"> }): ChartSpec {
  const longest = new Map(rows.filter(({ score }) => score !== null).map((row) => [row.trial, row]));
  const points = [...longest.values()];
  const names = Object.keys(asked.space);
  const isLoss = monitor.endsWith("loss");
  const top = points.find(({ folder }) => folder === best)?.score ?? null;
  const format = (score: number): string => (isLoss ? score.toFixed(3) : formatPercent(score));
  const count = `${points.length} ${points.length === 1 ? "trial" : "trials"}`;
  const panel = (name: string) => {
    const dimension = asked.space[name]!;
    const isRange = !Array.isArray(dimension);
    const scale = isRange && dimension.log ? { type: "log" as const } : { zero: false };
    return {
      width: SIDE,
      height: SIDE * 0.75,
      data: {
        values: points.map(({ drawn, score, folder, epochs }) => ({
          value: isRange ? drawn[name] : JSON.stringify(drawn[name]).replaceAll('"', ""),
          score,
          epochs,
          best: folder === best,
        })),
      },
      mark: { type: "point" as const, size: 60, strokeWidth: 1.5 },
      encoding: {
        x: {
          field: "value",
          type: isRange ? ("quantitative" as const) : ("nominal" as const),
          title: name,
          ...(isRange ? { scale } : {}),
          axis: { labelAngle: 0, grid: false },
        },
        y: {
          field: "score",
          type: "quantitative" as const,
          title: monitor,
          scale: { zero: false },
          axis: { format: isLoss ? ".2~f" : ".0%", tickCount: 5 },
        },
        fill: { condition: { test: "datum.best", value: INK.vermilion }, value: null },
        stroke: { condition: { test: "datum.best", value: INK.vermilion }, value: INK.blue },
        opacity: { field: "epochs", type: "ordinal" as const, scale: { range: [0.35, 1] }, legend: null },
      },
    };
  };
  return {
    ...chart({
      title: "Sweep",
      subtitle: `${count}; the best one is filled, shorter trainings are paler`,
      description: `${monitor} of ${count} by ${names.join(", ")}${top === null ? "" : `, at best ${format(top)}`}.`,
    }),
    columns: COLUMNS,
    concat: names.map(panel),
  } as ChartSpec;
}
