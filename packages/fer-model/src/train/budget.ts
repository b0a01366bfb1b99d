/**
 * A budget of wall time as a number of steps. The steps of a training are timed first, on a copy that is thrown away; the
 * number that fits the rest of the budget is written down, and the training is one of so many steps from its first on:
 * what comes out is a function of options, seed and that number, whatever a clock says later.
 */
import { epochsByEdge } from "../data/growing.js";
import type { TrainerOptions } from "./options.js";

/** A number and its unit. */
export const BUDGET = /^(\d+(?:\.\d+)?)(s|m|h)$/;

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** Seconds of `90s`, `60m` or `2.5h`. */
export function budgetSeconds(budget: string): number {
  const [, number, unit] = BUDGET.exec(budget)!;
  return Number(number) * SECONDS[unit as keyof typeof SECONDS];
}

/** What a training takes, in seconds. */
export interface Costs {
  /** Of a step, by the edge of the images in pixels. */
  step: ReadonlyMap<number, number>;
  /** Of what follows the last step of an epoch, by the same. */
  epoch: ReadonlyMap<number, number>;
  /** Of what is done once: compiling, testing. */
  once: number;
}

/** A training whose length is not known yet. */
export interface CostlyTraining extends Costs {
  /** Of the trained network: that of the images that are not shrunk. */
  whole: number;
  /** Of a whole epoch. */
  stepsPerEpoch: number;
  growth: Pick<TrainerOptions, "sizes" | "sizesUntil">;
}

/** Seconds of a training of so many steps. */
export function secondsOf(steps: number, training: CostlyTraining): number {
  const { whole, stepsPerEpoch, growth, step, epoch, once } = training;
  const epochs = Math.ceil(steps / stepsPerEpoch);
  let seconds = once;
  for (const [edge, count] of epochsByEdge({ ...growth, epochs })) {
    const at = edge ?? whole;
    seconds += count * (stepsPerEpoch * step.get(at)! + epoch.get(at)!);
  }
  // The last epoch has whole images, and those steps that are left.
  return seconds - (epochs * stepsPerEpoch - steps) * step.get(whole)!;
}

/** Most steps whose training takes no longer than so many seconds; 0 where not even one does. */
export function stepsWithin(seconds: number, training: CostlyTraining): number {
  const { whole, stepsPerEpoch, step } = training;
  // An epoch more makes others smaller where images grow: the first step of each is what costs grow with.
  const firstOf = (epochs: number): number => (epochs - 1) * stepsPerEpoch + 1;
  const left = (steps: number): number => seconds - secondsOf(steps, training);
  let [most, above] = [0, 1];
  while (left(firstOf(above)) >= 0) [most, above] = [above, 2 * above];
  while (above - most > 1) {
    const middle = Math.floor((most + above) / 2);
    if (left(firstOf(middle)) >= 0) most = middle;
    else above = middle;
  }
  if (most === 0) return 0;
  const more = Math.floor(left(firstOf(most)) / step.get(whole)!);
  return Math.min(firstOf(most) + more, most * stepsPerEpoch);
}
