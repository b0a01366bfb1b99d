/** Loss over epochs, training beside validation. */
import type { HistoryRow } from "@fer/core/run";
import { curves } from "./curves.js";
import type { ChartSpec } from "./theme.js";

/** What the curves need of a history row. */
export type LossRow = Pick<HistoryRow, "epoch" | "loss" | "val_loss">;

/**
 * Vega-Lite spec of the loss of each epoch (mean cross-entropy in nats, label smoothing included).
 *
 * @example
 * ```ts
 * import { lossCurves } from "@fer/model";
 *
 * const spec = lossCurves([{ epoch: 1, loss: 1.9, val_loss: null }]);
 * console.log(spec.description); // Loss by epoch: training 1.900 at epoch 1.
 * ```
 */
export function lossCurves(history: readonly LossRow[], bestEpoch: number | null = null): ChartSpec {
  const best = history.find(({ epoch }) => epoch === bestEpoch);
  const last = history.at(-1);
  const end = last && [`training ${last.loss.toFixed(3)}`, ...validation(last)].join(", ");
  return curves(
    [
      { part: "train", label: "training", points: history.map(({ epoch, loss }) => ({ epoch, value: loss })) },
      { part: "val", label: "validation", points: history.map(({ epoch, val_loss }) => ({ epoch, value: val_loss })) },
    ],
    {
      title: "Loss",
      subtitle: "Mean cross-entropy",
      format: ".2~f",
      ...(best
        ? { mark: { epoch: best.epoch, label: [`epoch ${best.epoch} kept`, ...validation(best)].join(": ") } }
        : {}),
      description: end ? `Loss by epoch: ${end} at epoch ${last.epoch}.` : "Loss by epoch: no epoch yet.",
    },
  );
}

const validation = ({ val_loss }: LossRow): string[] =>
  val_loss === null ? [] : [`validation ${val_loss.toFixed(3)}`];
