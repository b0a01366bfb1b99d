/** Stops when the monitor has not improved for a number of epochs (Prechelt 1998). */
import type { Callback } from "./callback.js";
import { Monitor, type MonitorName } from "./monitor.js";

/** Stops after `patience` epochs without improvement. */
export function earlyStopping({ monitor, patience }: { monitor: MonitorName; patience: number }): Callback {
  const watched = new Monitor(monitor);
  return {
    name: "early-stopping",
    onEpochEnd(row, control) {
      if (watched.improved(row) || watched.waited < patience) return;
      control.stop(`${monitor} has not improved since epoch ${watched.bestEpoch}`);
    },
  };
}
