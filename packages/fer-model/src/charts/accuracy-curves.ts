/** Accuracy over epochs, training beside validation. */
import { formatPercent } from "@fer/core";
import type { HistoryRow } from "@fer/core/run";
import { curves } from "./curves.js";
import type { ChartSpec } from "./theme.js";

/** What the curves need of a history row. */
export type AccuracyRow = Pick<HistoryRow, "epoch" | "accuracy" | "val_accuracy">;

/**
 * Vega-Lite spec of the accuracy of each epoch, 0..1 shown as percent; `bestEpoch` is pointed out.
 *
 * @example
 * ```ts
 * import { accuracyCurves } from "@fer/model";
 *
 * const spec = accuracyCurves([{ epoch: 1, accuracy: 0.5, val_accuracy: 0.4 }]);
 * console.log(spec.description); // Accuracy by epoch: training 50.0%, validation 40.0% at epoch 1.
 * ```
 */
export function accuracyCurves(history: readonly AccuracyRow[], bestEpoch: number | null = null): ChartSpec {
  const best = history.find(({ epoch }) => epoch === bestEpoch);
  const last = history.at(-1);
  const end = last && [`training ${formatPercent(last.accuracy)}`, ...validation(last)].join(", ");
  return curves(
    [
      { part: "train", label: "training", points: history.map(({ epoch, accuracy }) => ({ epoch, value: accuracy })) },
      {
        part: "val",
        label: "validation",
        points: history.map(({ epoch, val_accuracy }) => ({ epoch, value: val_accuracy })),
      },
    ],
    {
      title: "Accuracy",
      subtitle: "Training with augmentation and dropout, validation without",
      format: ".0%",
      domain: [0, 1],
      ...(best
        ? { mark: { epoch: best.epoch, label: [`epoch ${best.epoch} kept`, ...validation(best)].join(": ") } }
        : {}),
      description: end ? `Accuracy by epoch: ${end} at epoch ${last.epoch}.` : "Accuracy by epoch: no epoch yet.",
    },
  );
}

const validation = ({ val_accuracy }: AccuracyRow): string[] =>
  val_accuracy === null ? [] : [`validation ${formatPercent(val_accuracy)}`];
