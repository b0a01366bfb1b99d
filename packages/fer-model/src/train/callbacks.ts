/**
 * All callbacks. A new one is a function here, and a line in {@link callbacksOf} if an option asks for it. A state that
 * follows from the history needs no storage: after an interruption the epochs are told again.
 */
import { formatPercent, type Progress, type ProgressFigure } from "@fer/core";
import type { HistoryRow } from "@fer/core/run";
import type { Callback, TrainingPlan } from "./callback.js";
import { type Growth, smallEpochs, workOf } from "../data/growing.js";
import { wholeEdge } from "./sized-step.js";
import { Monitor, type MonitorName } from "./monitor.js";
import { stageOf } from "./stage.js";
import type { TrainTask } from "./task.js";

/** Those of the options, in this order, then those that were passed by value. */
export function callbacksOf(task: TrainTask): Callback[] {
  const { options, samples, given } = task;
  const { monitor, patience, schedule } = options;
  const isMeasured = samples.val !== null || !monitor.startsWith("val_");
  // Epochs with smaller images are not compared with those that see them whole.
  const small = smallEpochs(options);
  const growth = options.sizes === null ? undefined : { ...options, whole: wholeEdge(task) };
  return [
    ...(isMeasured ? [after(small, bestCheckpoint({ monitor }))] : []),
    ...(isMeasured && schedule.name === "plateau" ? [after(small, plateau({ monitor, ...schedule }))] : []),
    ...(isMeasured && patience !== null ? [after(small, earlyStopping({ monitor, patience }))] : []),
    ...(given.onProgress === undefined ? [] : [progress(given.onProgress, { stage: stageOf(task).stage, growth })]),
    ...(given.callbacks ?? []),
  ];
}

/** A callback that does not hear of the first epochs. */
const after = (epochs: number, callback: Callback): Callback => ({
  ...callback,
  onEpochEnd: (row, control) => (row.epoch > epochs ? callback.onEpochEnd?.(row, control) : undefined),
});

/** Keeps the weights of each epoch that improves the monitor, so that those of the best are left. */
export function bestCheckpoint({ monitor }: { monitor: MonitorName }): Callback {
  const watched = new Monitor(monitor);
  return {
    name: "best-checkpoint",
    onEpochEnd(row, control) {
      if (watched.improved(row)) control.keepBest();
    },
  };
}

/** Stops after `patience` epochs without improvement (Prechelt 1998). */
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

export interface PlateauOptions {
  monitor: MonitorName;
  /** What the rate is multiplied by. */
  factor: number;
  /** Epochs without improvement before that. */
  patience: number;
  /** Smallest rate. */
  floor: number;
}

/**
 * Multiplies the learning rate by `factor` after each `patience` epochs without improvement, as Keras'
 * ReduceLROnPlateau.
 */
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

/** Reports images trained on, and a line of figures at the end of each epoch. */
export function progress(
  onProgress: (progress: Progress) => void,
  { stage = "train", growth }: { stage?: string; growth?: (Growth & { whole: number }) | undefined } = {},
): Callback {
  let plan: TrainingPlan = {
    epochs: 0,
    stepsPerEpoch: 1,
    totalSteps: 0,
    train: 0,
    val: 0,
    from: { epoch: 1, step: 0 },
  };
  const images = ({ epoch, step }: { epoch: number; step: number }): number => {
    const steps = Math.min((epoch - 1) * plan.stepsPerEpoch + step, plan.totalSteps);
    return Math.round((steps / plan.stepsPerEpoch) * plan.train);
  };
  const report = (done: number, epoch?: HistoryRow): void => {
    const resumed = images(plan.from);
    const total = images({ epoch: plan.epochs + 1, step: 0 });
    const work = (of: number): number => workOf(of / plan.train, growth!);
    onProgress({
      stage,
      done,
      total,
      unit: "images",
      // The time that is left cannot be told by images that cost unequal time.
      ...(growth === undefined ? {} : { share: work(done) / work(total) }),
      ...(resumed === 0 ? {} : { resumed }),
      ...(epoch === undefined ? {} : described(epoch, plan.epochs)),
    });
  };
  return {
    name: "progress",
    onTrainBegin(planned) {
      plan = planned;
    },
    onStepEnd: (step) => report(images(step)),
    onEpochEnd(row, control) {
      if (!control.replayed) report(images({ epoch: row.epoch + 1, step: 0 }), row);
    },
  };
}

function described(row: HistoryRow, epochs: number): Pick<Progress, "message" | "figures"> {
  const figures = figuresOf(row);
  const parts = figures.map(({ name, text }) => `${name} ${text}`);
  return { message: [`epoch ${row.epoch}/${epochs}`, ...parts].join("  "), figures };
}

function figuresOf(row: HistoryRow): ProgressFigure[] {
  return FIGURES.flatMap(({ name, text }) => {
    const value = row[name];
    return value === null ? [] : [{ name, value, text: text(value) }];
  });
}

const lossText = (value: number): string => value.toFixed(4);
const FIGURES = [
  { name: "loss", text: lossText },
  { name: "accuracy", text: formatPercent },
  { name: "val_loss", text: lossText },
  { name: "val_accuracy", text: formatPercent },
] as const;
