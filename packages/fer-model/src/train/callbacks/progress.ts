/** Reports steps and epochs to whoever shows them. */
import type { HistoryRow } from "@fer/core/run";
import { formatPercent, type Progress } from "@fer/core";
import type { Callback } from "./callback.js";

/** Reports images trained on, and a line of figures at the end of each epoch. */
export function progress(onProgress: (progress: Progress) => void, stage = "train"): Callback {
  let perEpoch = 0;
  let steps = 0;
  let epochs = 0;
  return {
    name: "progress",
    onTrainBegin(plan) {
      perEpoch = plan.train;
      steps = plan.stepsPerEpoch;
      epochs = plan.epochs;
    },
    onStepEnd({ epoch, step }) {
      const done = (epoch - 1) * perEpoch + Math.round((step / steps) * perEpoch);
      onProgress({ stage, done, total: epochs * perEpoch, unit: "images" });
    },
    onEpochEnd(row, control) {
      if (control.replayed) return;
      const done = row.epoch * perEpoch;
      onProgress({ stage, done, total: epochs * perEpoch, unit: "images", message: describe(row, epochs) });
    },
  };
}

function describe(row: HistoryRow, epochs: number): string {
  const figures = [
    `epoch ${row.epoch}/${epochs}`,
    `loss ${row.loss.toFixed(4)}`,
    `accuracy ${formatPercent(row.accuracy)}`,
  ];
  if (row.val_loss !== null) figures.push(`val_loss ${row.val_loss.toFixed(4)}`);
  if (row.val_accuracy !== null) figures.push(`val_accuracy ${formatPercent(row.val_accuracy)}`);
  return figures.join("  ");
}
