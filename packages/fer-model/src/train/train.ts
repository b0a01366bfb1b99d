/**
 * The training loop. One epoch: seeded batches -> steps -> validation -> callbacks. Between any two steps a checkpoint
 * may be taken, and a restart goes on from there. It ends after the last epoch, when a callback says so, or when the
 * loss is not a finite number any more.
 */
import { EngineError, OptionsError, untilAborted } from "@fer/core";
import { confusionMatrix, type HistoryRow, scoresOf } from "@fer/core/run";
import { GraphError, type PreparedStep } from "@fer/tfjs-graph";
import { stepsPerEpoch } from "../data/batches.js";
import { edgeIn, Shrinker } from "../data/growing.js";
import { openBatches } from "../data/pipeline.js";
import { type Predictor, predictorOf, predictSubset } from "../predict/predict.js";
import { argMaxRows, labelLoss } from "../predict/probabilities.js";
import { turns } from "../turns.js";
import { type Average, averaged, isAveraged, measured } from "./averaged-weights.js";
import type { TrainingControl } from "./callback.js";
import { callbacksOf } from "./callbacks.js";
import type { Checkpoint, CheckpointStore } from "./checkpoint.js";
import { type TrainerOptions, updateSize } from "./options.js";
import { scheduleOf } from "./schedule.js";
import type { TrainTask } from "./task.js";
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
}

/**
 * Trains, from the checkpoint if there is one. Stopped by the signal, it leaves a checkpoint of that moment; before its
 * first step there is nothing to keep, and it does not wait for that step, in which an engine compiles the network.
 */
export async function train(task: TrainTask, { store, checkpoint }: TrainStart): Promise<Trained> {
  const { options, given, samples } = task;
  const { count } = samples.train;
  const batchSize = updateSize(options);
  const steps = stepsPerEpoch(count, batchSize);
  const rateAt = scheduleOf(options, options.epochs * steps);
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
  const batches = openBatches(samples.train, {
    ...options,
    batchSize,
    rowWeights: task.rowWeights,
    targets: task.targets,
    own: given.augmentations ?? [],
    // After the last step of an epoch its validation comes next.
    from: done < steps ? from : { epoch: epoch + 1, step: 0 },
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
      last: done > 0 && done < steps ? last : null,
    }));
  try {
    const plan = { epochs: options.epochs, stepsPerEpoch: steps, train: count, val: samples.val?.count ?? 0, from };
    for (const callback of callbacks) await callback.onTrainBegin?.(plan);
    if (checkpoint !== null) {
      await step.writeState(checkpoint.state);
      control.replayed = true;
      for (const row of checkpoint.position.rows) await tell(row);
      control.restore(checkpoint.position);
      last ??= predictingWeights(checkpoint.state);
    }

    while (epoch <= options.epochs && control.stopped === null) {
      ({ edge, step } = await regrown(task, { edge, step, epoch }));
      while (done < steps) {
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
      if (done < steps) break;

      const validation = await validate(task, { step, edge });
      // What is left where the next epoch does not come to its end.
      last = predictingWeights(await step.readState());
      if (isAveraged(options, epoch)) average = averaged(average, last);
      await tell({ epoch, loss: loss / count, accuracy: correct / count, ...validation, learning_rate: learningRate });
      if (control.bestEpoch === epoch) best = last;
      ({ epoch, done, loss, correct } = { ...START, epoch: epoch + 1 });
    }
    await save();
    let mean: Trained["averaged"] = null;
    if (average !== null) {
      // Interrupted from here on, it begins here again.
      isMeasuring = true;
      ({ edge, step } = await regrown(task, { edge, step, epoch: options.epochs }));
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
  { options, given, samples, rowWeights, targets, step: { model } }: TrainTask,
  {
    epoch,
    average,
    ...running
  }: Pick<Parameters<typeof measured>[0], "step" | "turn"> & { epoch: number; average: Average },
): Promise<Weights> {
  const own = given.augmentations ?? [];
  const batchSize = updateSize(options);
  const batches = openBatches(samples.train, {
    ...options,
    batchSize,
    rowWeights,
    targets,
    own,
    workers: 0,
    from: { epoch, step: 0 },
  });
  try {
    const steps = stepsPerEpoch(samples.train.count, batchSize);
    const { accumulate } = options;
    return await measured({ ...running, batches, model }, { average, epoch, steps, accumulate });
  } finally {
    batches.close();
  }
}

type Validation = Pick<HistoryRow, "val_loss" | "val_accuracy" | "val_macro_f1">;

const NO_VALIDATION: Validation = { val_loss: null, val_accuracy: null, val_macro_f1: null };

/** A step, and the edge of the images that it takes. */
interface SizedStep {
  step: PreparedStep;
  edge: number;
}

/** The step of an epoch. */
async function stepAt(task: TrainTask, epoch: number): Promise<SizedStep> {
  const { options, samples, engine, step } = task;
  const [size, , channels] = samples.train.shape;
  const edge = edgeIn(epoch, options);
  if (edge === null) return { step: await engine.engine.prepare(step), edge: options.crop ?? size };
  return { step: await engine.engine.prepare({ ...step, inputShape: [edge, edge, channels] }), edge };
}

/** @throws OptionsError where the network has other weights for smaller images. */
async function refuseSizes({ options, samples, engine, step }: TrainTask): Promise<void> {
  const [, , channels] = samples.train.shape;
  for (const edge of new Set(options.sizes)) {
    const tried = engine.engine.prepare({ ...step, inputShape: [edge, edge, channels] });
    const prepared = await tried.catch((cause: unknown) => {
      if (!(cause instanceof GraphError && cause.code === "INPUT_SHAPE")) throw cause;
      throw new OptionsError({
        code: "SIZES_DO_NOT_FIT",
        subject: "sizes",
        found: cause.message,
        fix: "Take a network that ends in global pooling, such as resnet, or leave sizes out",
        cause,
      });
    });
    prepared.dispose();
  }
}

/** The same step, or where an epoch has images of another size one for these that goes on in its state. */
async function regrown(task: TrainTask, { step, edge, epoch }: SizedStep & { epoch: number }): Promise<SizedStep> {
  const [size] = task.samples.train.shape;
  if (edge === (edgeIn(epoch, task.options) ?? task.options.crop ?? size)) return { step, edge };
  const state = await step.readState();
  const next = await stepAt(task, epoch);
  await next.step.writeState(state);
  step.dispose();
  return next;
}

/** One view an image: the order of epochs is the same, at a tenth of the cost. */
async function validate(
  { options, given, samples: { val } }: TrainTask,
  { step, edge }: SizedStep,
): Promise<Validation> {
  if (val === null) return NO_VALIDATION;
  const [size, , channels] = val.shape;
  const { signal } = given;
  const whole = options.crop ?? size;
  const shrinker = edge === whole ? null : new Shrinker({ from: whole, to: edge, channels });
  const sized: Predictor =
    shrinker === null ? step : { predict: (images, rows) => step.predict(shrinker.shrunk(images as Uint8Array), rows) };
  const predictor = predictorOf(sized, { ...options, views: 1, size, channels, signal });
  const probabilities = await predictSubset(predictor, val);
  const classes = val.classes.length;
  const predicted = argMaxRows(probabilities, classes);
  const { accuracy, macroF1 } = scoresOf(confusionMatrix({ truth: val.labels, predicted }, classes));
  return { val_loss: labelLoss(probabilities, val.labels), val_accuracy: accuracy, val_macro_f1: macroF1 };
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
