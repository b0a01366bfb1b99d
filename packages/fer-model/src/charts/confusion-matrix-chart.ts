/**
 * Confusion matrix, each row divided by its sum: the diagonal is the recall of a class. Cells carry the share and the
 * count, and darken with the share alone, so that a grey print reads the same.
 */
import { formatPercent } from "@fer/core";
import type { ConfusionMatrix } from "@fer/core/run";
import { chart, INK, type ChartSpec } from "./theme.js";

const CELL = 58;

/**
 * Vega-Lite spec of counts `matrix[truth][prediction]`, classes in label order. Rows without samples stay empty.
 *
 * @example
 * ```ts
 * import { confusionMatrixChart } from "@fer/model";
 *
 * const spec = confusionMatrixChart([[9, 1], [2, 8]], { classes: ["neutral", "happy"] });
 * console.log(spec.description); // Confusion matrix of 20 images, 85.0% on the diagonal.
 * ```
 */
export function confusionMatrixChart(
  matrix: ConfusionMatrix,
  { classes, subtitle = "" }: { classes: readonly string[]; subtitle?: string },
): ChartSpec {
  const support = matrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = support.reduce((sum, count) => sum + count, 0);
  const correct = matrix.map((row, label) => row[label]!).reduce((sum, count) => sum + count, 0);
  const rowNames = classes.map((name, truth) => `${name} (${support[truth]!})`);
  const values = matrix.flatMap((row, truth) =>
    row.map((count, predicted) => ({
      truth: rowNames[truth]!,
      prediction: classes[predicted]!,
      count,
      share: shareOf(count, support[truth]!),
      hit: truth === predicted,
    })),
  );
  const cell = { expr: "datum.share > 0.7 ? 'white' : '#1b1f24'" };
  const side = CELL * classes.length;
  return {
    ...chart({
      title: "Confusion matrix",
      subtitle,
      description:
        total === 0
          ? "Confusion matrix of no images."
          : `Confusion matrix of ${total} images, ${formatPercent(correct / total)} on the diagonal.`,
    }),
    width: side,
    height: side,
    data: { values },
    encoding: {
      x: {
        field: "prediction",
        type: "nominal",
        scale: { domain: [...classes], paddingInner: 0.04, paddingOuter: 0 },
        axis: {
          orient: "top",
          title: "predicted",
          // Longer names would run into each other.
          labelAngle: classes.some((name) => name.length > 9) ? -35 : 0,
          labelLimit: 0,
          domain: false,
          ticks: false,
        },
      },
      y: {
        field: "truth",
        type: "nominal",
        scale: { domain: rowNames, paddingInner: 0.04, paddingOuter: 0 },
        axis: {
          // Beside the column names: Vega guesses text widths and would put an upright title far to the left.
          title: "true (images)",
          titleAngle: 0,
          titleAlign: "right",
          titleX: -6,
          titleY: -12,
          labelLimit: 0,
          domain: false,
          ticks: false,
        },
      },
    },
    layer: [
      {
        mark: { type: "rect", strokeWidth: 1.5 },
        encoding: {
          color: {
            field: "share",
            type: "quantitative",
            scale: { domain: [0, 1], range: ["#f3f6f9", "#8fb4d3", "#0b3c61"] },
            legend: null,
          },
          // A frame keeps the diagonal visible where recall is low.
          stroke: { condition: { test: "datum.hit", value: INK.text }, value: null },
        },
      },
      {
        transform: [{ filter: "datum.count > 0" }],
        mark: { type: "text", dy: -6, fontSize: 14, fontWeight: 700, color: cell },
        encoding: { text: { field: "share", type: "quantitative", format: ".0%" } },
      },
      {
        transform: [{ filter: "datum.count > 0" }],
        mark: { type: "text", dy: 10, fontSize: 11, color: cell },
        encoding: { text: { field: "count", type: "quantitative", format: "d" } },
      },
    ],
  } as ChartSpec;
}

const shareOf = (count: number, sum: number): number | null => (sum === 0 ? null : count / sum);
