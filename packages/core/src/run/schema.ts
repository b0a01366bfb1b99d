/**
 * The run folder: what training leaves on disk and evaluation, prediction, charts and the report read.
 *
 *     config.json                  resolved options, seed, engine, versions, data fingerprint
 *     model.json                   what a user must feed and what comes out
 *     history.csv, history.jsonl   one row an epoch
 *     best.{h5,json}               weights and architecture of the chosen epoch (Keras formats)
 *     last.{h5,json}               the same of the last epoch
 *     set.json                     `<name>.json` of the set it was trained on
 *     outcome.json                 epochs done, best epoch, why training stopped
 *     metrics.json                 the set's own test part; with folds the pooled test parts of all folds
 *     predictions.csv              one row a sample of that part: id, truth, prediction, probabilities
 *     evaluations/<set>-<part>.json   every later evaluation
 *     readings.jsonl               when it was measured on what, a line each time (see readings.ts)
 *     charts/, report.html
 *     manifest.json                sha256 of every file, and what decided them
 *     training-{index,hashes}.npy, training-groups.json   what was trained and validated on (see training-index.ts)
 *     fold-01/ ...                 with folds: a run folder each, and no weights beside them
 *
 * This module holds schemas only: it loads no TensorFlow.js.
 */
import { Part } from "../set/schema.js";
import { z } from "zod";
import { Intervals } from "./bootstrap.js";
import { Certainty } from "./certainty.js";
import { byMetric, ClassMetrics, Scores, Spread } from "./metrics.js";
import { ModelInfo } from "./model-info.js";

/** A number in [0, 1]. */
const rate = z.number().min(0).max(1);

/** Where and with what a training ran: it does not decide what is trained, but may show in the last bits. */
const provenance = {
  engine: z.object({
    name: z.string(),
    reason: z.string(),
    device: z.string().nullable(),
    version: z.string().nullable(),
  }),
  versions: z.record(z.string(), z.string()),
  /** Model and threads of the processor; runs of early versions do not say. */
  processor: z.string().optional(),
  /** Commit of the working directory, where there is one. */
  commit: z.string().nullable(),
};

/** A call that went on with an interrupted training, elsewhere or with other versions than the one before. */
export const RunSession = z.object({
  ...provenance,
  /** Where it went on: steps of this epoch were done already. `null` for a run of folds. */
  from: z.object({ epoch: z.number().int(), step: z.number().int() }).nullable(),
  /** What it had to pass over, e.g. a damaged checkpoint. */
  notes: z.array(z.string()),
});
export type RunSession = z.infer<typeof RunSession>;

/** The network that a training started from; its fingerprint is `given.model`. */
export const RunStart = z.object({
  /** Name of its architecture, `custom` for a Keras file, and the architecture's own options. */
  architecture: z.string(),
  net: ModelInfo.shape.net,
  /** Classes whose output it had already, those that are new, and those that it had and that are gone. */
  kept: z.array(z.string()),
  added: z.array(z.string()),
  dropped: z.array(z.string()),
  /** Layers with weights that keep them. */
  frozen: z.array(z.string()),
});
export type RunStart = z.infer<typeof RunStart>;

/** How a budget of time became a number of steps: they decide the run, what was measured for them does not. */
export const RunBudget = z.object({
  /** As it was asked for, such as `60m`. */
  budget: z.string(),
  /** Updates that it came to. */
  steps: z.number().int().positive(),
  /** Seconds of one, by the edge of the images in pixels, and how many were timed for that. */
  secondsPerStep: z.record(z.string(), z.number()),
  timedSteps: z.number().int().positive(),
  /** What was timed: `AMD EPYC 9354, 2 threads`, engine and precision. */
  processor: z.string(),
  engine: z.string(),
  precision: z.string(),
});
export type RunBudget = z.infer<typeof RunBudget>;

/** `config.json`: everything that decided the run. Two runs with equal configs have equal weights. */
export const RunConfig = z.object({
  schema: z.literal(1),
  /** Resolved trainer options, without where to. */
  options: z.record(z.string(), z.unknown()),
  seed: z.number().int(),
  /** What was passed by value and decides the run: fingerprint of the model, names and code of augmentations. */
  given: z
    .object({
      model: z.string().nullable(),
      /** File that the model came from: its name, and the sha256 of it alone, not of what it imports. */
      modelFile: z.object({ name: z.string(), sha256: z.string() }).optional(),
      augmentations: z.array(z.string()),
      code: z.string().optional(),
    })
    .optional(),
  /** Where it started, if not from new weights. */
  start: RunStart.optional(),
  /** Where the options have a budget: what became of it. */
  budget: RunBudget.optional(),
  /** Of activations and products in training, as it was resolved; older runs say it in their options only. */
  precision: z.enum(["float32", "bfloat16"]).optional(),
  ...provenance,
  /** Later calls that differed from the first, or had something to say. */
  sessions: z.array(RunSession).optional(),
  /** The set it was trained on. */
  data: z.object({
    name: z.string(),
    fingerprint: z.string(),
    policy: z.string(),
    /** Name of the published protocol that the set follows. */
    protocol: z.string().optional(),
  }),
  /** Which fold of the set (1-based), and how many the set has; `null` for a run of its own. */
  fold: z.object({ index: z.number().int(), of: z.number().int() }).nullable(),
  /** Numbers of the folds that it pools; absent where it pools none. */
  folds: z.array(z.number().int().positive()).optional(),
  /** Rows by purpose; `drawn` of train in an epoch, where some come several times. */
  samples: z.object({
    train: z.number().int(),
    drawn: z.number().int().optional(),
    val: z.number().int(),
    test: z.number().int(),
  }),
  /** `manifest.json` lies beside this file: one that has gone is noticed. Runs of earlier versions have none. */
  manifest: z.literal(true).optional(),
});
export type RunConfig = z.infer<typeof RunConfig>;

/** One epoch; a line of `history.jsonl`, a row of `history.csv` (same keys, same order). */
export const HistoryRow = z.strictObject({
  /** 1-based. */
  epoch: z.number().int().positive(),
  /** Mean over the epoch's training batches, augmented, dropout on. */
  loss: z.number(),
  accuracy: rate,
  /** Validation part, inference mode; `null` without one. */
  val_loss: z.number().nullable(),
  val_accuracy: rate.nullable(),
  val_macro_f1: rate.nullable(),
  /** Of the epoch's last step. */
  learning_rate: z.number(),
});
export type HistoryRow = z.infer<typeof HistoryRow>;

/** What the probabilities of some images are worth: mean cross-entropy, and expected calibration error. */
export const Sureness = z.object({ loss: z.number(), calibrationError: rate });
export type Sureness = z.infer<typeof Sureness>;

/** `outcome.json`: how training ended. */
export const Outcome = z.object({
  schema: z.literal(1),
  epochs: z.number().int(),
  /** Column that chose the best epoch, and that epoch; `null` where nothing was monitored. */
  monitor: z.string(),
  bestEpoch: z.number().int().nullable(),
  /** Weights that are evaluated and that predict. */
  weights: z.enum(["best", "last"]),
  /** The last weights are the mean of those of so many epochs; how it validates. Absent where they are those of one. */
  averaged: z
    .object({
      epochs: z.number().int(),
      val_loss: z.number().nullable(),
      val_accuracy: rate.nullable(),
      val_macro_f1: rate.nullable(),
    })
    .optional(),
  /**
   * The temperature, fitted on so many validation images, and what their probabilities are worth without and with it; or
   * why there is none. Absent in runs of early versions, which have none.
   */
  calibration: z
    .union([
      z.object({ temperature: z.number().positive(), count: z.number().int(), before: Sureness, after: Sureness }),
      z.object({ temperature: z.null(), reason: z.string() }),
    ])
    .optional(),
  /** Why training stopped before its last epoch; `null` if it did not. */
  stopped: z.string().nullable(),
});
export type Outcome = z.infer<typeof Outcome>;

/** What a reader compares the network with: the majority class, and ridge regression on raw pixels. */
export const Baselines = z.object({ majority: Scores, ridge: Scores.nullable() });
export type Baselines = z.infer<typeof Baselines>;

/** Scores of some of the images of a part. */
export const PartScores = Scores.extend({ count: z.number().int(), intervals: Intervals.optional() });
export type PartScores = z.infer<typeof PartScores>;

/** Images that have a twin among those that the model was trained or validated on. */
const Twins = z.object({
  images: z.number().int(),
  /** Scores of the other images; `null` where there are none. */
  without: PartScores.nullable(),
});

/** An evaluation: `metrics.json` and `evaluations/*.json`. */
export const Metrics = z.object({
  schema: z.literal(1),
  set: z.object({ name: z.string(), fingerprint: z.string() }),
  /** Part of the set, or `folds` for the pooled test parts of a k-fold run. */
  part: z.union([Part, z.literal("folds")]),
  /** Which weights: of the best or of the last epoch; those of a file that is not of a run. */
  weights: z.enum(["best", "last", "file"]),
  classes: z.array(z.string()),
  count: z.number().int(),
  loss: z.number(),
  ...Scores.shape,
  perClass: z.record(z.string(), ClassMetrics),
  /** Absent in runs of early versions. */
  certainty: Certainty.optional(),
  /** What loss and calibration error are without the temperature of the model; absent where it has none. */
  uncalibrated: Sureness.optional(),
  /** Of 95 %; absent in runs of early versions, and where there is one image, or one group, alone. */
  intervals: Intervals.optional(),
  /** Counts; row = truth, column = prediction. */
  confusionMatrix: z.array(z.array(z.number().int())),
  /** Samples by class. */
  support: z.record(z.string(), z.number().int()),
  baselines: Baselines.nullable(),
  /**
   * Images (same pixels) and groups of another set that the model has seen, or of the set itself where the training started
   * from another network; `null` where the run does not say what that was.
   */
  seen: z.object({ images: z.number().int(), groups: z.number().int() }).nullable().optional(),
  /**
   * The same without images that the model knows; absent where it is not known what it has seen, and in runs of early
   * versions.
   */
  twins: z
    .object({
      /** Of the same pixels. */
      exact: Twins,
      /** Of the same, or nearly the same by difference hash; `null` where the run keeps no hashes to tell. */
      near: Twins.nullable(),
    })
    .optional(),
  /** By dataset, where the part is of several. */
  sources: z.record(z.string(), PartScores).optional(),
  /** Present in `metrics.json` of a k-fold run. */
  folds: z.array(Scores.extend({ fold: z.number().int(), count: z.number().int(), loss: z.number() })).optional(),
  /** Over the folds' scores, each fold counted once. */
  spread: z.object(byMetric(() => Spread)).optional(),
});
export type Metrics = z.infer<typeof Metrics>;
