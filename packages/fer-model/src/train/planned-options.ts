/** How long a training is: so many epochs, or so many updates, of which the last epoch may have fewer. */
import { stepsPerEpoch } from "../data/batches.js";
import { type TrainerOptions, updateSize } from "./options.js";

/** A training in updates. */
export interface Length {
  /** Of a whole epoch. */
  stepsPerEpoch: number;
  /** In all: the schedule of the learning rate ends there. */
  totalSteps: number;
}

/** Options whose `epochs` are those that `steps` come to, the last of them whole or in part. */
export function plannedOptions(options: TrainerOptions, count: number): TrainerOptions {
  if (options.steps === null) return options;
  return { ...options, epochs: Math.ceil(options.steps / stepsPerEpoch(count, updateSize(options))) };
}

/** @param count Samples that are trained on. */
export function lengthOf(options: TrainerOptions, count: number): Length {
  const perEpoch = stepsPerEpoch(count, updateSize(options));
  return { stepsPerEpoch: perEpoch, totalSteps: options.steps ?? options.epochs * perEpoch };
}
