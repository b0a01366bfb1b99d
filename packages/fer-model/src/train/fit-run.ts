/** Makes one run folder: trains, tests, writes all files. The trainer does it once, or once a fold. */
import type { InputScaling } from "@fer/tfjs-graph";
import type { AssembledSet } from "@fer/core/set";
import type { LayersModel } from "@tensorflow/tfjs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Augmentation } from "../data/augmentation/index.js";
import type { Callback } from "./callbacks/callback.js";
import type { Engine } from "../engine/engine.js";
import { saveKerasModel } from "../formats/index.js";
import { argMaxRows } from "../metrics/arg-max.js";
import { writeHistory } from "@fer/core/run";
import { metricsOf } from "../predict/metrics-of.js";
import { predictBaselines } from "../predict/predict-baselines.js";
import { type Predictions, writePredictions } from "../predict/predictions-file.js";
import { RUN_FILES, writeJson, type Metrics, type ModelInfo, type Outcome, type RunConfig } from "@fer/core/run";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { labelLoss } from "../predict/label-loss.js";
import type { TrainerOptions } from "./options.js";
import { NO_OPTIMIZER, predictorOf, predictSubset } from "../predict/predict.js";
import type { Subset } from "../data/subset.js";
import { train, type TrainingStore } from "./train.js";
import { type Weights, withWeights } from "./weights.js";

/** A run to make. */
export interface RunTask {
  options: TrainerOptions;
  set: AssembledSet;
  config: RunConfig;
  engine: Engine;
  model: LayersModel;
  architecture: string;
  input: InputScaling;
  samples: { train: Subset; val: Subset | null; test: Subset | null };
  /** What `metrics.json` calls the test samples. */
  testPart: Metrics["part"];
  augmentations: readonly Augmentation[];
  callbacks: readonly Callback[];
  signal?: AbortSignal | undefined;
}

/** With fewer images the best epoch is the luckiest: at 90 % of 200 the standard error is two points already. */
const ENOUGH_TO_CHOOSE = 200;

/** A training that was stopped did not end where its schedule led: its last epoch is not its best guess. */
const prefersBest = (weights: TrainerOptions["weights"], val: Subset | null, stopped: boolean): boolean =>
  weights === "best" || (weights === "auto" && (stopped || (val?.count ?? 0) >= ENOUGH_TO_CHOOSE));

const STATE = "training.safetensors";
const BEST = "best.safetensors";

/** Writes all files of a run but its report into `folder`. */
export async function fitRun(task: RunTask, folder: string): Promise<void> {
  const { options, samples, model, signal } = task;
  const { train: trainSamples, val, test } = samples;
  const result = await train({ ...task, train: trainSamples, val, store: storeIn(folder) });
  const best = result.bestEpoch === null ? null : ((await readCheckpoint(join(folder, BEST)))?.state.weights ?? null);
  const weights = best !== null && prefersBest(options.weights, val, result.stopped !== null) ? "best" : "last";

  await writeHistory(folder, result.rows);
  await writeJson(folder, RUN_FILES.model, modelInfo(task));
  await writeJson(folder, RUN_FILES.set, task.set.info);
  const outcome: Outcome = {
    schema: 1,
    epochs: result.rows.length,
    monitor: options.monitor,
    bestEpoch: result.bestEpoch,
    weights,
    stopped: result.stopped,
  };
  await writeJson(folder, RUN_FILES.outcome, outcome);
  // Both pairs are always there, so that a reader need not know how a run was trained.
  const kept: [string, Weights][] = [
    ["best", best ?? result.last],
    ["last", result.last],
  ];
  for (const [name, values] of kept) {
    await withWeights(model, values, () => saveKerasModel(model, join(folder, name)));
  }

  if (test !== null) {
    const predictions = await testOn(test, weights === "best" ? best! : result.last, task);
    const loss = labelLoss(predictions.probabilities, predictions.truth, test.classes.length);
    await writePredictions(join(folder, RUN_FILES.predictions), predictions);
    const metrics = metricsOf(predictions, { set: task.set, part: task.testPart, weights, loss });
    await writeJson(folder, RUN_FILES.metrics, metrics);
  }
  signal?.throwIfAborted();
  const unfinished = [STATE, BEST].flatMap((file) => [file, `${file}.tmp`]);
  await Promise.all(unfinished.map((file) => rm(join(folder, file), { force: true })));
}

async function testOn(test: Subset, weights: Weights, task: RunTask): Promise<Predictions> {
  const { model, engine, input, options, samples, signal } = task;
  const probabilities = await withWeights(model, weights, async () => {
    const step = await engine.prepare({ model, input, loss: { labelSmoothing: 0 }, optimizer: NO_OPTIMIZER, seed: 0 });
    try {
      const [size, , channels] = test.shape;
      return await predictSubset(predictorOf(step, { ...options, size, channels }), test, signal);
    } finally {
      step.dispose();
    }
  });
  const baselines = options.baselines
    ? await predictBaselines(samples.train.with(samples.val), test, signal)
    : { majority: null, ridge: null };
  return {
    ids: await test.ids(),
    classes: test.classes,
    truth: test.labels,
    predicted: argMaxRows(probabilities, test.classes.length),
    ...baselines,
    probabilities,
  };
}

function modelInfo({ architecture, samples, input, model, options }: RunTask): ModelInfo {
  const [size, , channels] = samples.train.shape;
  return {
    schema: 1,
    architecture,
    size,
    channels: channels as 1 | 3,
    ...input,
    standardize: options.standardize,
    views: options.views,
    classes: [...samples.train.classes],
    parameters: model.countParams(),
  };
}

function storeIn(folder: string): TrainingStore {
  return {
    read: () => readCheckpoint(join(folder, STATE)),
    write: (checkpoint) => writeCheckpoint(join(folder, STATE), checkpoint),
    writeBest: (weights) => writeCheckpoint(join(folder, BEST), { state: { step: 0, weights, slots: {} }, rows: [] }),
  };
}
