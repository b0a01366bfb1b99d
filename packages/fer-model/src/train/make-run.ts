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
import { saveKerasModel } from "../keras/index.js";
import { metricsOf } from "../predict/metrics-of.js";
import { PREDICT_ONLY, predictorOf, predictSubset } from "../predict/predict.js";
import { argMaxRows, labelLoss } from "../predict/probabilities.js";
import { predictBaselines } from "../predict/predict-baselines.js";
import { factsOf } from "../predict/sample-facts.js";
import { seenOf } from "../predict/seen-of.js";
import { type Predictions, writePredictions } from "../predict/predictions-file.js";
import { pictureHashes } from "../data/picture-hashes.js";
import type { Subset } from "../data/subset.js";
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
  const trained = await train(task, { store, checkpoint });

  const weights = chosenWeights(task, trained);
  await writeHistory(tree, trained.rows);
  const info = modelInfo(task);
  await writeJson(join(tree, RUN_FILES.model), info);
  await writeJson(join(tree, RUN_FILES.set), task.set.info);
  await writeJson(join(tree, RUN_FILES.outcome), {
    schema: 1,
    epochs: trained.rows.length,
    monitor: task.options.monitor,
    bestEpoch: trained.bestEpoch,
    weights,
    ...(trained.averaged === null ? {} : { averaged: trained.averaged }),
    stopped: trained.stopped,
  } satisfies Outcome);
  // Both pairs are always there, so that a reader need not know how a run was trained.
  const pairs = { best: trained.best ?? trained.last, last: trained.last };
  const seen = await writeSeen(tree, task);
  const { model } = task.step;
  const { signal } = task.given;
  for (const [name, weights] of Object.entries(pairs))
    await withWeights({ model, weights }, () => saveKerasModel(model, { path: join(tree, name), info, signal }));
  if (task.samples.test !== null) await test(task.samples.test, { task, tree, weights, values: pairs[weights], seen });
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

interface Test {
  task: TrainTask;
  tree: string;
  weights: Metrics["weights"];
  values: Weights;
  seen: TrainingIndex | null;
}

async function test(samples: Subset, { task, tree, weights, values, seen }: Test): Promise<void> {
  const { set, options, given, engine, step: prepared } = task;
  const { signal } = given;
  const { classes, labels: truth } = samples;
  const { model, input } = prepared;
  const [size, , channels] = samples.shape;
  const probabilities = await withWeights({ model, weights: values }, async () => {
    const step = await engine.engine.prepare({ ...PREDICT_ONLY, model, input });
    try {
      return await predictSubset(predictorOf(step, { ...options, size, channels, signal }), samples);
    } finally {
      step.dispose();
    }
  });
  const predictions: Predictions = {
    ids: await samples.ids(),
    classes,
    truth,
    predicted: argMaxRows(probabilities, classes.length),
    probabilities,
    ...(options.baselines
      ? await predictBaselines({ train: task.samples.train.with(task.samples.val), test: samples }, signal)
      : { majority: null, ridge: null }),
  };
  await writePredictions(join(tree, RUN_FILES.predictions), predictions);
  const loss = labelLoss(probabilities, truth);
  const facts = await factsOf(samples, { index: seen, signal });
  const earlier = seenBefore(task);
  const metrics: Metrics = {
    ...(await metricsOf(predictions, { set, part: "test", weights, loss, facts, signal })),
    ...(earlier === undefined ? {} : { seen: await seenOf(samples, earlier) }),
  };
  await writeJson(join(tree, RUN_FILES.metrics), metrics);
}

function modelInfo({ architecture, samples, set, step, options, start }: TrainTask): ModelInfo {
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
    preprocessing: preprocessingSteps({ ...shape, ...step.input, ...options, fit: set.info.image.fit }),
  };
}
