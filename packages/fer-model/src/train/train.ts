/**
 * The training loop. One epoch: seeded batches -> steps -> validation -> callbacks. Between any two steps a checkpoint
 * may be taken, and a restart goes on from there. It ends after the last epoch, when a callback says so, or when the
 * loss is not a finite number any more.
 */
import { EngineError, untilAborted } from "@fer/core";
import type { HistoryRow } from "@fer/core/run";
import { GraphError } from "@fer/tfjs-graph";
import { rowsBefore, stepsPerEpoch } from "../data/batches.js";
import { openBatches } from "../data/pipeline.js";
import { turns } from "../turns.js";
import { type Average, averaged, isAveraged, measured } from "./averaged-weights.js";
import type { TrainingControl } from "./callback.js";
import { callbacksOf } from "./callbacks.js";
import type { Checkpoint, CheckpointStore } from "./checkpoint.js";
import { type TrainerOptions, updateSize } from "./options.js";
import { lengthOf } from "./planned-options.js";
import { scheduleOf } from "./schedule.js";
import { refuseSizes, regrown, stepAt } from "./sized-step.js";
import type { TrainTask } from "./task.js";
import { type Validation, validate } from "./validate.js";
import { predictingWeights, type Weights } from "./weights.js";

/** How a training ended. */
export interface Trained {
  rows: HistoryRow[];
  /** Weights at the end of the last epoch. */
  last: Weights;
  /** Epoch whose weights were kept as the best, and they; `null` where nothing was monitored. */
  bestEpoch: number | null;
  best: Weights | null;
  /** Epochs whose mean the last weights are, and how it validates; `null` where they are those of one. */
  averaged: ({ epochs: number } & Validation) | null;
  /** Why it ended before the last epoch; `null` if it did not. */
  stopped: string | null;
}

/** Where it starts, and where it keeps what it must not lose. */
export interface TrainStart {
  store: CheckpointStore;
  checkpoint: Checkpoint | null;
  /** Told of all complete epochs, whenever they have become others: for those who look on. */
  onRows(rows: readonly HistoryRow[]): Promise<void>;
}

/**
 * Trains, from the checkpoint if there is one. Stopped by the signal, it leaves a checkpoint of that moment; before its
 * first step there is nothing to keep, and it does not wait for that step, in which an engine compiles the network.
 */
export async function train(task: TrainTask, { store, checkpoint, onRows }: TrainStart): Promise<Trained> {
  const { options, given, samples, drawn } = task;
  const { count } = drawn;
  const batchSize = updateSize(options);
  const { stepsPerEpoch: steps, totalSteps } = lengthOf(options, count);
  const rateAt = scheduleOf(options, totalSteps);
  // The last epoch may be short.
  const stepsIn = (of: number): number => Math.min(steps, totalSteps - (of - 1) * steps);
  const callbacks = callbacksOf(task);
  const control = new Control();
  const turn = turns(given.signal);

  // Where it stands: with the state of the step, all that a checkpoint holds.
  let { epoch, done, loss, correct, learningRate } = checkpoint?.position ?? START;
  const rows: HistoryRow[] = [];
  let best = checkpoint?.best ?? null;
  let last = checkpoint?.last ?? null;
  let hasStepped = false;
  let average = averageOf(checkpoint);
  let isMeasuring = false;

  await refuseSizes(task);
  let { edge, step } = await stepAt(task, epoch);
  const from = { epoch, step: done };
  const batches = openBatches(drawn, {
    ...options,
    batchSize,
    rowWeights: task.rowWeights,
    targets: task.targets,
    own: given.augmentations ?? [],
    // After the last step of an epoch its validation comes next.
    from: done < stepsIn(epoch) ? from : { epoch: epoch + 1, step: 0 },
  });
  const tell = async (row: HistoryRow): Promise<void> => {
    rows.push(row);
    control.row = row;
    for (const callback of callbacks) await callback.onEpochEnd?.(row, control);
  };
  const save = (): Promise<void> =>
    store.save(async () => ({
      position: {
        epoch,
        done,
        loss,
        correct,
        learningRate,
        averaged: average?.count ?? 0,
        rows: [...rows],
        ...control.decisions,
      },
      state: await step.readState(),
      best,
      average: average?.weights ?? null,
      last: done > 0 && done < stepsIn(epoch) ? last : null,
    }));
  try {
    const { epochs } = options;
    const plan = { epochs, stepsPerEpoch: steps, totalSteps, train: count, val: samples.val?.count ?? 0, from };
    for (const callback of callbacks) await callback.onTrainBegin?.(plan);
    if (checkpoint !== null) {
      await step.writeState(checkpoint.state);
      control.replayed = true;
      for (const row of checkpoint.position.rows) await tell(row);
      control.restore(checkpoint.position);
      last ??= predictingWeights(checkpoint.state);
    }
    // A killed training may have told of epochs that no checkpoint has.
    await onRows(rows);

    while (epoch <= epochs && control.stopped === null) {
      ({ edge, step } = await regrown(task, { edge, step, epoch }));
      while (done < stepsIn(epoch)) {
        const batch = await batches.at({ epoch, step: done });
        await turn();
        const rate = rateAt((epoch - 1) * steps + done) * control.learningRateScale;
        const stepping = step.step(batch, { learningRate: rate });
        const result = await (hasStepped ? stepping : untilAborted(stepping, given.signal)).catch(lossNotFinite);
        hasStepped = true;
        if (result instanceof GraphError) {
          const where = `step ${done + 1} of epoch ${epoch}`;
          if (rows.length === 0) throw nothingLearned(where, { ...options, cause: result });
          control.stop(`the loss was not a finite number at ${where}`);
          break;
        }
        loss += result.loss * batch.count;
        correct += result.correct;
        learningRate = rate;
        done++;
        const told = { epoch, step: done, loss: result.loss, accuracy: result.correct / batch.count };
        for (const callback of callbacks) callback.onStepEnd?.(told);
        if (store.isDue) await save();
      }
      if (done < stepsIn(epoch)) break;

      const validation = await validate(task, { step, edge });
      // What is left where the next epoch does not come to its end.
      last = predictingWeights(await step.readState());
      if (isAveraged(options, epoch)) average = averaged(average, last);
      const seen = rowsBefore(done, { count, steps });
      await tell({ epoch, loss: loss / seen, accuracy: correct / seen, ...validation, learning_rate: learningRate });
      await onRows(rows);
      if (control.bestEpoch === epoch) best = last;
      ({ epoch, done, loss, correct } = { ...START, epoch: epoch + 1 });
    }
    await save();
    let mean: Trained["averaged"] = null;
    if (average !== null) {
      // Interrupted from here on, it begins here again.
      isMeasuring = true;
      ({ edge, step } = await regrown(task, { edge, step, epoch: epochs }));
      last = await measure(task, { step, turn, average, epoch });
      mean = { epochs: average.count, ...(await validate(task, { step, edge })) };
    }
    for (const callback of callbacks) await callback.onTrainEnd?.();
    return { rows, last: last!, best, bestEpoch: control.bestEpoch, averaged: mean, stopped: control.stopped };
  } catch (error) {
    if (hasStepped && !isMeasuring && given.signal?.aborted === true) await save();
    throw error;
  } finally {
    batches.close();
    step.dispose();
    await store.finish();
  }
}

const START = { epoch: 1, done: 0, loss: 0, correct: 0, learningRate: 0 };

/** What the callbacks decided. */
class Control implements TrainingControl {
  replayed = false;
  learningRateScale = 1;
  row: HistoryRow | null = null;
  stopped: string | null = null;
  bestEpoch: number | null = null;

  get learningRate(): number {
    return this.row?.learning_rate ?? 0;
  }

  stop(reason: string): void {
    this.stopped ??= reason;
  }

  keepBest(): void {
    this.bestEpoch = this.row!.epoch;
  }

  get decisions(): Pick<Control, "learningRateScale" | "bestEpoch" | "stopped"> {
    const { learningRateScale, bestEpoch, stopped } = this;
    return { learningRateScale, bestEpoch, stopped };
  }

  /** After the replay, in which a callback may have decided otherwise. */
  restore(decisions: Control["decisions"]): void {
    this.learningRateScale = decisions.learningRateScale;
    this.bestEpoch = decisions.bestEpoch;
    this.stopped = decisions.stopped;
    this.replayed = false;
  }
}

const averageOf = (checkpoint: Checkpoint | null): Average | null =>
  checkpoint === null || checkpoint.average === null
    ? null
    : { weights: checkpoint.average, count: checkpoint.position.averaged };

/** The weights of a mean, with statistics that are measured on batches of an epoch more. */
async function measure(
  { options, given, drawn, rowWeights, targets, step: { model } }: TrainTask,
  {
    epoch,
    average,
    ...running
  }: Pick<Parameters<typeof measured>[0], "step" | "turn"> & { epoch: number; average: Average },
): Promise<Weights> {
  const own = given.augmentations ?? [];
  const batchSize = updateSize(options);
  const batches = openBatches(drawn, {
    ...options,
    batchSize,
    rowWeights,
    targets,
    own,
    workers: 0,
    from: { epoch, step: 0 },
  });
  try {
    const steps = stepsPerEpoch(drawn.count, batchSize);
    const { accumulate } = options;
    return await measured({ ...running, batches, model }, { average, epoch, steps, accumulate });
  } finally {
    batches.close();
  }
}

/** The error of a step whose loss was not a finite number; any other is thrown. */
function lossNotFinite(error: unknown): GraphError {
  if (error instanceof GraphError && error.code === "LOSS_NOT_FINITE") return error;
  throw error;
}

const nothingLearned = (
  where: string,
  { learningRate, cause }: Pick<TrainerOptions, "learningRate"> & { cause: GraphError },
): EngineError =>
  new EngineError({
    code: "LOSS_NOT_FINITE",
    subject: "training",
    found: `the loss was not a finite number at ${where}, with a learning rate of ${learningRate}`,
    expected: "a finite loss",
    fix: `Lower learningRate (try ${Number((learningRate / 10).toPrecision(3))}) or set clipNorm to 1`,
    cause,
  });
