/**
 * Watches one column of the history: remembers the best value, the epoch it came from and how long ago that was.
 * Losses improve downwards, everything else upwards. Where rates are equal the lower loss is better: a validation part
 * of thirty images has thirty accuracies, and the first of many equal epochs would be an early one.
 */
import type { HistoryRow } from "@fer/core/run";

/** Columns that can be watched. */
export const MONITORS = ["val_accuracy", "val_macro_f1", "val_loss", "accuracy", "loss"] as const;
export type MonitorName = (typeof MONITORS)[number];

export class Monitor {
  readonly name: MonitorName;
  /** Best value so far. */
  best: number | null = null;
  /** Epoch it came from, 0 before the first. */
  bestEpoch = 0;
  /** Epochs since then. */
  waited = 0;
  /** Loss of the best epoch. */
  #loss = 0;

  constructor(name: MonitorName) {
    this.name = name;
  }

  /** Takes an epoch in; `true` if it is the best so far. A column without a value never improves. */
  improved(row: HistoryRow): boolean {
    const value = row[this.name];
    const loss = (this.name.startsWith("val_") ? row.val_loss : row.loss) ?? 0;
    if (value !== null && this.#isBetter(value, loss)) {
      this.best = value;
      this.#loss = loss;
      this.bestEpoch = row.epoch;
      this.waited = 0;
      return true;
    }
    this.waited++;
    return false;
  }

  #isBetter(value: number, loss: number): boolean {
    if (this.best === null) return true;
    if (value === this.best) return loss < this.#loss;
    return this.name.endsWith("loss") ? value < this.best : value > this.best;
  }
}
