/** Makes one run folder: trains, tests, writes all files. `fit` does it once, or once a fold. */
import type { Identity, Workplace } from "@fer/core/artifact";
import {
  type Metrics,
  type ModelInfo,
  type Outcome,
  preprocessingSteps,
  RUN_FILES,
  type TrainingIndex,
  writeHistory,
  writeJson,
  writeTrainingIndex,
} from "@fer/core/run";
import { join } from "node:path";
import { argMaxRows, labelLoss, softened } from "@fer/core/inference";
import { saveKerasModel } from "../keras/index.js";
import { metricsOf } from "../predict/metrics-of.js";
import { PREDICT_ONLY, predictorOf, predictSubset } from "../predict/predict.js";
import { predictBaselines } from "../predict/predict-baselines.js";
import { factsOf } from "../predict/sample-facts.js";
import { seenOf } from "../predict/seen-of.js";
import { type Predictions, writePredictions } from "../predict/predictions-file.js";
import { pictureHashes } from "../data/picture-hashes.js";
import type { Subset } from "../data/subset.js";
import { type LabelledProbabilities, surenessOf } from "../predict/temperature.js";
import { calibrate, ENOUGH_TO_CALIBRATE } from "./calibrate.js";
import { CheckpointStore } from "./checkpoint.js";
import { sealRun } from "./seal-run.js";
import { recordSession } from "./sessions.js";
import { seenBefore } from "./seen-before.js";
import { stageOf } from "./stage.js";
import type { TrainTask } from "./task.js";
import { train, type Trained } from "./train.js";
import { type Weights, withWeights } from "./weights.js";

/** With fewer images the best epoch is the luckiest: at 90 % of 200 the standard error is two points already. */
const ENOUGH_TO_CHOOSE = 200;

/** Writes all files of a run into `place.tree`. */
export async function makeRun(task: TrainTask, { identity, tree, scratch, onKept, draw }: RunPlace): Promise<void> {
  const store = new CheckpointStore(scratch, onKept);
  const { checkpoint, notes } = await store.read();
  const from = checkpoint === null ? null : { epoch: checkpoint.position.epoch, step: checkpoint.position.done };
  for (const message of notes) task.given.onProgress?.({ ...stageOf(task), done: 0, total: null, message });
  const sessions = await recordSession(scratch, { ...task, from, notes });
  // Epoch by epoch, so that a training can be looked at while it runs.
  const trained = await train(task, { store, checkpoint, onRows: (rows) => writeHistory(tree, rows) });

  const weights = chosenWeights(task, trained);
  // Both pairs are always there, so that a reader need not know how a run was trained.
  const pairs = { best: trained.best ?? trained.last, last: trained.last };
  const said = await chosenPredictions(task, pairs[weights]);
  const { signal } = task.given;
  const calibration = await calibrate(said.val, { count: task.samples.val?.count ?? 0, signal });
  const { temperature } = calibration;
  const plain = modelInfo(task);
  const info = temperature === null ? plain : { ...plain, temperature };
  await writeJson(join(tree, RUN_FILES.model), info);
  await writeJson(join(tree, RUN_FILES.set), task.set.info);
  await writeJson(join(tree, RUN_FILES.outcome), {
    schema: 1,
    epochs: trained.rows.length,
    monitor: task.options.monitor,
    bestEpoch: trained.bestEpoch,
    weights,
    ...(trained.averaged === null ? {} : { averaged: trained.averaged }),
    calibration,
    stopped: trained.stopped,
  } satisfies Outcome);
  const seen = await writeSeen(tree, task);
  const { model } = task.step;
  for (const [name, values] of Object.entries(pairs)) {
    // The temperature is that of the chosen weights.
    const own = { path: join(tree, name), info: name === weights ? info : plain, signal };
    await withWeights({ model, weights: values }, () => saveKerasModel(model, own));
  }
  if (said.test !== null) await test(said.test, { task, tree, weights, seen, temperature });
  await sealRun(tree, { identity, task, sessions, draw });
}

/** What the network has seen, before too; nothing, and `null`, where that is not known. */
async function writeSeen(tree: string, { samples, ...task }: TrainTask): Promise<TrainingIndex | null> {
  const earlier = seenBefore(task);
  if (earlier === null) return null;
  const seen = samples.train.with(samples.val);
  const hashes = await pictureHashes(seen, task.given.signal);
  return writeTrainingIndex(tree, { samples: seen.rows(), hashes, earlier });
}

export interface RunPlace extends Pick<Workplace, "tree" | "scratch"> {
  /** What decides the run. */
  identity: Identity;
  /** Called when there is something that a restart goes on with. */
  onKept(): void;
  /** Draws the report, where one is asked for. */
  draw(): Promise<unknown>;
}

/** A training that was stopped did not end where its schedule led: its last epoch is not its best guess. */
function chosenWeights({ options, samples }: TrainTask, { best, averaged, stopped }: Trained): "best" | "last" {
  // An average was asked for: it is better than each of its epochs, or weights says otherwise.
  if (averaged !== null && options.weights === "auto") return "last";
  const isEnough = stopped !== null || (samples.val?.count ?? 0) >= ENOUGH_TO_CHOOSE;
  return best !== null && (options.weights === "best" || (options.weights === "auto" && isEnough)) ? "best" : "last";
}

/** What the chosen weights say about the parts that they are calibrated and tested on; `null` where that is not done. */
async function chosenPredictions(
  { samples: { train, val, test }, options, given, engine, step: prepared }: TrainTask,
  weights: Weights,
): Promise<{ val: LabelledProbabilities | null; test: Tested | null }> {
  const { model, input } = prepared;
  const [size, , channels] = train.shape;
  const isEnough = val !== null && val.count >= ENOUGH_TO_CALIBRATE;
  if (!isEnough && test === null) return { val: null, test: null };
  return withWeights({ model, weights }, async () => {
    const step = await engine.engine.prepare({ ...PREDICT_ONLY, model, input });
    const predictor = predictorOf(step, { ...options, size, channels, signal: given.signal });
    try {
      return {
        val: isEnough ? { probabilities: await predictSubset(predictor, val), labels: val.labels } : null,
        test: test === null ? null : { samples: test, raw: await predictSubset(predictor, test) },
      };
    } finally {
      step.dispose();
    }
  });
}

/** A test part, and what the network gives for it, `[count, classes]`. */
interface Tested {
  samples: Subset;
  raw: Float32Array;
}

interface Test {
  task: TrainTask;
  tree: string;
  weights: Metrics["weights"];
  seen: TrainingIndex | null;
  temperature: number | null;
}

async function test({ samples, raw }: Tested, { task, tree, weights, seen, temperature }: Test): Promise<void> {
  const { set, options, given } = task;
  const { signal } = given;
  const { classes, labels: truth } = samples;
  const probabilities = temperature === null ? raw : softened(raw, { classes: classes.length, temperature });
  const rows = await samples.orderedRows();
  const predictions: Predictions = {
    ids: rows.map(({ id }) => id),
    classes,
    truth,
    predicted: argMaxRows(raw, classes.length),
    probabilities,
    ...(options.baselines
      ? await predictBaselines({ train: task.samples.train.with(task.samples.val), test: samples }, signal)
      : { majority: null, ridge: null }),
  };
  await writePredictions(join(tree, RUN_FILES.predictions), predictions);
  const loss = labelLoss(probabilities, truth);
  const facts = await factsOf(samples, { rows, index: seen, signal });
  const earlier = seenBefore(task);
  const metrics: Metrics = {
    ...(await metricsOf(predictions, { set, part: "test", weights, loss, facts, signal })),
    ...(temperature === null ? {} : { uncalibrated: surenessOf({ probabilities: raw, labels: truth }) }),
    ...(earlier === undefined ? {} : { seen: seenOf(rows, earlier) }),
  };
  await writeJson(join(tree, RUN_FILES.metrics), metrics);
}

function modelInfo({ architecture, samples, set, step, options, start }: TrainTask): ModelInfo {
  const { fit, cut } = set.info.image;
  const net = start === null ? options.net : (start.info.net ?? {});
  const [size, , channels] = samples.train.shape;
  const shape = { size, channels: channels as 1 | 3 };
  return {
    schema: 1,
    architecture,
    ...(architecture === "custom" || Object.keys(net).length === 0 ? {} : { net }),
    ...shape,
    ...(options.crop === null ? {} : { crop: options.crop }),
    ...step.input,
    standardize: options.standardize,
    views: options.views,
    classes: [...samples.train.classes],
    parameters: step.model.countParams(),
    preprocessing: preprocessingSteps({ ...shape, ...step.input, ...options, fit, cut }),
  };
}
