/** How the learning rate goes over a training: constant, decaying, or warmed up and along a cosine. */
import type { TrainerOptions } from "./options.js";

/** Learning rate by step, counted from 0 over the whole training. */
export type Schedule = (step: number) => number;

/** The schedule of the options; a plateau's is constant, its callback scales it. */
export function scheduleOf(options: Pick<TrainerOptions, "learningRate" | "schedule">, totalSteps: number): Schedule {
  const { learningRate, schedule } = options;
  switch (schedule.name) {
    case "constant":
    case "plateau":
      return () => learningRate;
    case "inverse-time":
      return (step) => learningRate / (1 + schedule.decay * step);
    case "step":
      return (step) => learningRate * schedule.drop ** schedule.at.filter((share) => step >= share * totalSteps).length;
    case "one-cycle": {
      // Smith and Topin 2018, as OneCycleLR of PyTorch has it with cosines; the momentum stays.
      const top = schedule.rise * totalSteps - 1;
      return (step) =>
        learningRate *
        (step <= top
          ? halfCosine([schedule.start, 1], top === 0 ? 1 : step / top)
          : halfCosine([1, schedule.end], (step - top) / (totalSteps - 1 - top)));
    }
    case "cosine": {
      const warmup = Math.floor(schedule.warmup * totalSteps);
      // Loshchilov and Hutter 2017, one cycle; the warm-up ends at the full rate.
      return (step) =>
        step < warmup
          ? (learningRate * (step + 1)) / warmup
          : (learningRate * (1 + Math.cos((Math.PI * (step - warmup)) / Math.max(1, totalSteps - warmup)))) / 2;
    }
  }
}

/** Half a cosine from one value to another, `share` of the way. */
const halfCosine = ([from, to]: [number, number], share: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
