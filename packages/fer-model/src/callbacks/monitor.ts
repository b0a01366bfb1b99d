/**
 * Watches one column of the history: remembers the best value, the epoch it came from and how long ago that was.
 * Losses improve downwards, everything else upwards; equal is no improvement.
 */
import type { HistoryRow } from "../run/schema.js";

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

  constructor(name: MonitorName) {
    this.name = name;
  }

  /** Takes an epoch in; `true` if it is the best so far. A column without a value never improves. */
  improved(row: HistoryRow): boolean {
    const value = row[this.name];
    if (
      value !== null &&
      (this.best === null || (this.name.endsWith("loss") ? value < this.best : value > this.best))
    ) {
      this.best = value;
      this.bestEpoch = row.epoch;
      this.waited = 0;
      return true;
    }
    this.waited++;
    return false;
  }
}
