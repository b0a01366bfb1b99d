/**
 * What a callback is: told of every step and epoch, it may stop training, scale the learning rate or mark the epoch as
 * best.
 *
 * After an interruption training goes on from its last checkpoint: the epochs before it are told again, in order and
 * with `control.replayed` set, so that a callback whose state follows from the history needs no storage of its own.
 * Steps are not told again.
 */
import type { HistoryRow } from "@fer/core/run";

/** What training will do. */
export interface TrainingPlan {
  epochs: number;
  stepsPerEpoch: number;
  /** Updates in all; the last epoch has those that are left. */
  totalSteps: number;
  /** Samples by purpose. */
  train: number;
  val: number;
  /** Where it goes on after an interruption: steps of this epoch that are done. The first epoch and 0 otherwise. */
  from: { epoch: number; step: number };
}

/** What a callback can do. */
export interface TrainingControl {
  /** The epoch has been told before the interruption: do nothing that the outside sees. */
  readonly replayed: boolean;
  /** Multiplies the schedule's learning rate from the next epoch on; 1 at first. */
  learningRateScale: number;
  /** The learning rate of the epoch's last step. */
  readonly learningRate: number;
  /** Ends training after this epoch. The first reason given is kept. */
  stop(reason: string): void;
  /** Keeps the weights of this epoch as the best. */
  keepBest(): void;
}

export interface Callback {
  readonly name: string;
  onTrainBegin?(plan: TrainingPlan): void | Promise<void>;
  /** After each step: mean loss and accuracy of its batch. */
  onStepEnd?(step: { epoch: number; step: number; loss: number; accuracy: number }): void;
  onEpochEnd?(row: HistoryRow, control: TrainingControl): void | Promise<void>;
  onTrainEnd?(): void | Promise<void>;
}
