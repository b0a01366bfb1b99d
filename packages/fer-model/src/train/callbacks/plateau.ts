/** Lowers the learning rate when the monitor stalls, as Keras' ReduceLROnPlateau. */
import type { Callback } from "./callback.js";
import { Monitor, type MonitorName } from "./monitor.js";

export interface PlateauOptions {
  monitor: MonitorName;
  /** What the rate is multiplied by. */
  factor: number;
  /** Epochs without improvement before that. */
  patience: number;
  /** Smallest rate. */
  floor: number;
}

/** Multiplies the learning rate by `factor` after each `patience` epochs without improvement. */
export function plateau({ monitor, factor, patience, floor }: PlateauOptions): Callback {
  const watched = new Monitor(monitor);
  return {
    name: "plateau",
    onEpochEnd(row, control) {
      if (watched.improved(row) || watched.waited < patience) return;
      watched.waited = 0;
      const lowered = Math.max(control.learningRate * factor, Math.min(floor, control.learningRate));
      control.learningRateScale *= lowered / control.learningRate;
    },
  };
}
