/**
 * One training from `fit()` down to the engine: the same object all the way. `fit` makes a {@link FitTask} of what it
 * was given; the training, or each fold, adds its samples and the step that the engine prepares.
 */
import type { TaskHooks } from "@fer/core";
import type { RunBudget, RunConfig, TrainingIndex } from "@fer/core/run";
import type { AssembledSet } from "@fer/core/set";
import type { LayersModel } from "@tensorflow/tfjs";
import { type ArchitectureOptions, architectures } from "../architectures/index.js";
import type { Augmentation } from "../data/augmentation.js";
import type { Samples } from "../data/samples.js";
import { type Subset, takeRows } from "../data/subset.js";
import type { Precision, PrepareOptions } from "../engine/engine.js";
import type { Citation } from "../report/report-data.js";
import type { SelectedEngine } from "../engine/select.js";
import type { Callback } from "./callback.js";
import { checkModel, checkSamples } from "./check-task.js";
import type { TrainerOptions } from "./options.js";
import { plannedOptions } from "./planned-options.js";
import { rowWeights, type SampleWeights } from "./sample-weights.js";
import { trainingTargets } from "./targets.js";
import type { Teacher } from "./teacher.js";

/** What is passed by value. */
export interface FitContext extends TaskHooks {
  /** A network of one's own: a model (its weights are where training starts) or a function that builds one. */
  model?: LayersModel | ((options: ArchitectureOptions) => LayersModel);
  /** Where `model` came from, if from a file; noted in `config.json`. What the model is decides the run, not its file. */
  modelFile?: { name: string; sha256: string };
  /** Called after those of the options. */
  callbacks?: readonly Callback[];
  /** Done after those of the options, on the caller's thread: functions do not cross threads. */
  augmentations?: readonly Augmentation[];
  /** Works that the report cites beside the framework's, e.g. those of the datasets. */
  citations?: readonly Citation[];
}

/** What a call of `fit` starts from. */
export interface FitTask {
  options: TrainerOptions;
  set: AssembledSet;
  /** Of the set's files. */
  fingerprint: string;
  given: FitContext;
  engine: SelectedEngine;
  /** `options.precision`, resolved. */
  precision: Precision;
  /** Commit of the working directory. */
  commit: string | null;
  /** Where it starts, if not from new weights; the network itself is `given.model`. */
  start: { info: NonNullable<RunConfig["start"]>; seen: TrainingIndex | null } | null;
  /** What `options.sampleWeights` names; `null` where that names nothing. */
  sampleWeights: SampleWeights | null;
  /** What `options.teacher` names; `null` where that names nothing. */
  teacher: Teacher | null;
  /** Fingerprints of what was passed by value and decides the run. */
  byValue: RunConfig["given"];
  fold: RunConfig["fold"];
  /** `performance.now()` of the call. */
  begun: number;
  /** What `options.budget` comes to, where that is known: from another seed, or once it is measured. */
  budget: RunBudget | null;
}

/** One training of it; the epochs of its options are those that `steps` come to. */
export interface TrainTask extends FitTask {
  samples: Samples;
  /** Name of the architecture, `custom` for a model passed by value. */
  architecture: string;
  /** What an epoch draws: the training samples, some of them several times where they are oversampled. */
  drawn: Subset;
  /** `[drawn]`; as the batches take it. */
  rowWeights: Float32Array | null;
  /** `[drawn, classes]`: what samples are trained on; `null` where that is their class. */
  targets: Float32Array | null;
  /** What the engine prepares: the model gives architecture and initial weights, and is not changed. */
  step: PrepareOptions;
}

/** What the model sees: 0..255 as -1..1. */
const INPUT = { scale: 1 / 127.5, offset: -1 };

/** Runs `use` on the training of some samples. A model that was built for it is disposed of at the end. */
export async function withTraining<T>(
  task: FitTask & Pick<TrainTask, "samples">,
  use: (training: TrainTask) => Promise<T>,
): Promise<T> {
  const { given, precision, samples, sampleWeights, start } = task;
  const { train, drawn: positions } = samples;
  const drawn = positions === null ? train : train.take(positions);
  const options = plannedOptions(task.options, drawn.count);
  checkSamples(samples, options);
  const asDrawn = (values: Float32Array | null, width = 1): Float32Array | null =>
    values === null || positions === null ? values : takeRows(values, { at: positions, width });
  const weighed = sampleWeights === null ? null : await rowWeights(train, sampleWeights);
  const targets = asDrawn(await trainingTargets(train, task), train.classes.length);
  const { model, owned } = modelOf(task);
  try {
    const architecture = start?.info.architecture ?? (given.model === undefined ? options.architecture : "custom");
    const step = prepareOptions({ options, model, precision });
    return await use({ ...task, options, architecture, drawn, rowWeights: asDrawn(weighed), targets, step });
  } finally {
    if (owned) model.dispose();
  }
}

/** What an engine prepares to train a model with these options. */
export function prepareOptions({
  options,
  model,
  precision,
}: Pick<FitTask, "options" | "precision"> & { model: LayersModel }): PrepareOptions {
  const { optimizer, clipNorm, weightDecay, ema, sam, accumulate, labels, teacher, focal, seed } = options;
  // Targets that are blends come smoothed.
  const labelSmoothing = labels.name === "votes" || teacher !== null ? 0 : options.labelSmoothing;
  return {
    model,
    input: INPUT,
    loss: { labelSmoothing, focal },
    optimizer: { ...optimizer, clipNorm, weightDecay, ema, sam, accumulate },
    seed,
    precision,
  };
}

/**
 * The network of a task; `owned` where it was built for the caller, who disposes of it.
 *
 * @throws OptionsError where it does not fit the samples.
 */
export function modelOf({ options, given, samples }: Pick<TrainTask, "options" | "given" | "samples">): {
  model: LayersModel;
  owned: boolean;
} {
  const [whole, , channels] = samples.train.shape;
  const size = options.crop ?? whole;
  const shape = { size, channels: channels as 1 | 3, classes: samples.train.classes.length, seed: options.seed };
  const build =
    given.model ?? ((of: ArchitectureOptions) => architectures[options.architecture].build({ ...of, ...options.net }));
  const owned = typeof build === "function";
  const model = owned ? build(shape) : build;
  try {
    checkModel(model, { samples: samples.train, size });
  } catch (error) {
    if (owned) model.dispose();
    throw error;
  }
  return { model, owned };
}
