/**
 * The training loop. One epoch: seeded batches -> steps -> validation -> callbacks -> checkpoint. It ends after the
 * last epoch, when a callback says so, or when the loss is no number any more.
 */
import { EngineError } from "@fer/core";
import type { InputScaling, PreparedStep } from "@fer/tfjs-graph";
import type { LayersModel } from "@tensorflow/tfjs";
import type { Augmentation } from "../data/augmentation/index.js";
import type { Callback, TrainingControl } from "./callbacks/callback.js";
import type { Engine } from "../engine/engine.js";
import { confusionMatrix } from "../metrics/confusion-matrix.js";
import { argMaxRows } from "../metrics/arg-max.js";
import { scoresOf } from "../metrics/scores.js";
import type { HistoryRow } from "@fer/core/run";
import { epochBatches, stepsPerEpoch } from "../data/batches.js";
import type { Checkpoint } from "./checkpoint.js";
import { balancedWeights } from "../data/class-weights.js";
import { labelLoss } from "../predict/label-loss.js";
import type { TrainerOptions } from "./options.js";
import { predictorOf, predictSubset } from "../predict/predict.js";
import { scheduleOf } from "./schedule.js";
import type { Subset } from "../data/subset.js";
import { predictingWeights, type Weights } from "./weights.js";

/** What is trained, on what, with what. */
export interface TrainingTask {
  options: TrainerOptions;
  engine: Engine;
  /** Gives architecture and initial weights; it is not changed. */
  model: LayersModel;
  input: InputScaling;
  train: Subset;
  /** Never the test part. */
  val: Subset | null;
  augmentations: readonly Augmentation[];
  callbacks: readonly Callback[];
  store: TrainingStore;
  signal?: AbortSignal | undefined;
}

/** Where an unfinished training keeps what it must not lose. */
export interface TrainingStore {
  read(): Promise<Checkpoint | null>;
  write(checkpoint: Checkpoint): Promise<void>;
  writeBest(weights: Weights): Promise<void>;
}

/** How a training ended. */
export interface TrainingResult {
  rows: HistoryRow[];
  /** Weights at the end of the last epoch. */
  last: Weights;
  /** Epoch whose weights were kept as the best; `null` where nothing was monitored. */
  bestEpoch: number | null;
  /** Why it ended before the last epoch; `null` if it did not. */
  stopped: string | null;
}

/** Time spent on checkpoints: at most a tenth. */
const CHECKPOINT_SHARE = 10;

/** Trains, from the store's checkpoint if it has one. */
export async function train(task: TrainingTask): Promise<TrainingResult> {
  const { options, engine, model, input, train, val, callbacks, store, signal } = task;
  const { labelSmoothing, optimizer, clipNorm, weightDecay, ema, seed, precision } = options;
  const steps = stepsPerEpoch(train.count, options.batchSize);
  const schedule = scheduleOf(options, options.epochs * steps);
  const batchOptions = { ...options, augmentations: task.augmentations, classWeights: classWeightsOf(task) };
  const control = new Control();
  const rows: HistoryRow[] = [];

  const step = await engine.prepare({
    model,
    input,
    loss: { labelSmoothing },
    optimizer: { ...optimizer, clipNorm, weightDecay, ema },
    seed,
    precision,
  });
  try {
    for (const callback of callbacks) {
      await callback.onTrainBegin?.({
        epochs: options.epochs,
        stepsPerEpoch: steps,
        train: train.count,
        val: val?.count ?? 0,
      });
    }
    const saved = await store.read();
    if (saved) {
      await step.writeState(saved.state);
      control.replayed = true;
      for (const row of saved.rows) await tell(row);
      control.replayed = false;
    }
    let state = saved?.state ?? null;
    let lastSave = { at: Date.now(), took: 0 };

    for (let epoch = rows.length + 1; epoch <= options.epochs && control.stopped === null; epoch++) {
      let loss = 0;
      let correct = 0;
      let learningRate = 0;
      let done = 0;
      try {
        for await (const batch of epochBatches(train, epoch, batchOptions)) {
          signal?.throwIfAborted();
          learningRate = schedule((epoch - 1) * steps + done) * control.learningRateScale;
          const result = await step.step(batch, { learningRate });
          loss += result.loss * batch.count;
          correct += result.correct;
          done++;
          for (const callback of callbacks) {
            callback.onStepEnd?.({ epoch, step: done, loss: result.loss, accuracy: result.correct / batch.count });
          }
        }
      } catch (error) {
        if ((error as { code?: unknown }).code !== "LOSS_NOT_FINITE") throw error;
        control.stop(`the loss was not a finite number at step ${done + 1} of epoch ${epoch}`);
        if (rows.length === 0) throw lossNotFinite(epoch, done + 1, options.learningRate, error);
        break;
      }
      const validation = val ? await validate(step, val, options, signal) : NO_VALIDATION;
      await tell({
        epoch,
        loss: loss / train.count,
        accuracy: correct / train.count,
        ...validation,
        learning_rate: learningRate,
      });

      const ended = epoch === options.epochs || control.stopped !== null;
      const due = Date.now() - lastSave.at > CHECKPOINT_SHARE * lastSave.took;
      state = await step.readState();
      if (control.bestEpoch === epoch) await store.writeBest(predictingWeights(state));
      if (!due && !ended) continue;
      const from = Date.now();
      await store.write({ state, rows });
      lastSave = { at: Date.now(), took: Date.now() - from };
    }
    for (const callback of callbacks) await callback.onTrainEnd?.();
    return { rows, last: predictingWeights(state!), bestEpoch: control.bestEpoch, stopped: control.stopped };
  } finally {
    step.dispose();
  }

  async function tell(row: HistoryRow): Promise<void> {
    rows.push(row);
    control.row = row;
    for (const callback of callbacks) await callback.onEpochEnd?.(row, control);
  }
}

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
}

const NO_VALIDATION = { val_loss: null, val_accuracy: null, val_macro_f1: null };

/** One view an image: the order of epochs is the same, at a tenth of the cost. */
async function validate(step: PreparedStep, val: Subset, { standardize }: TrainerOptions, signal?: AbortSignal) {
  const [size, , channels] = val.shape;
  const predictor = predictorOf(step, { standardize, views: 1, size, channels });
  const probabilities = await predictSubset(predictor, val, signal);
  const classes = val.classes.length;
  const { accuracy, macroF1 } = scoresOf(confusionMatrix(val.labels, argMaxRows(probabilities, classes), classes));
  return { val_loss: labelLoss(probabilities, val.labels, classes), val_accuracy: accuracy, val_macro_f1: macroF1 };
}

const classWeightsOf = ({ options, train }: TrainingTask): Float32Array | null =>
  options.classWeights === "balanced" ? balancedWeights(train.support()) : null;

const lossNotFinite = (epoch: number, step: number, learningRate: number, cause: unknown): EngineError =>
  new EngineError({
    code: "LOSS_NOT_FINITE",
    subject: "training",
    found: `the loss was not a finite number at step ${step} of epoch ${epoch}, with a learning rate of ${learningRate}`,
    expected: "a finite loss",
    fix: `Lower learningRate (try ${Number((learningRate / 10).toPrecision(3))}) or set clipNorm to 1`,
    cause,
  });
