/** Keeps the weights of the epoch with the best monitored value. */
import type { Callback } from "./callback.js";
import { Monitor, type MonitorName } from "./monitor.js";

/** Marks each epoch that improves the monitor as the best. */
export function bestCheckpoint({ monitor }: { monitor: MonitorName }): Callback {
  const watched = new Monitor(monitor);
  return {
    name: "best-checkpoint",
    onEpochEnd(row, control) {
      if (watched.improved(row)) control.keepBest();
    },
  };
}
