/**
 * One training from a set to a run folder: splits the samples (folds, validation), writes down what decides the run,
 * and hands each training to `fitRun`.
 */
import type { Progress } from "@fer/core";
import type { AssembledSet, PartReader } from "@fer/core/set";
import type { LayersModel } from "@tensorflow/tfjs";
import { basename, join } from "node:path";
import { type ArchitectureOptions, architectures } from "../architectures/index.js";
import { type Augmentation, augmentationsOf } from "../data/augmentation/index.js";
import { bestCheckpoint } from "./callbacks/best-checkpoint.js";
import type { Callback } from "./callbacks/callback.js";
import { earlyStopping } from "./callbacks/early-stopping.js";
import { plateau } from "./callbacks/plateau.js";
import { progress } from "./callbacks/progress.js";
import type { SelectedEngine } from "../engine/select.js";
import { versions } from "./provenance.js";
import { foldFolder, type RunConfig } from "@fer/core/run";
import { writeReport } from "../report/write-report.js";
import { carveValidation } from "../data/carve-validation.js";
import { checkModel, checkSamples } from "./check-task.js";
import { fitRun, type RunTask } from "./fit-run.js";
import { foldPositions } from "../data/folds.js";
import { modelFingerprint } from "./model-fingerprint.js";
import type { TrainerOptions } from "./options.js";
import { writePooled } from "./pooled.js";
import { Subset } from "../data/subset.js";
import { openWorkFolder, type WorkFolder } from "./work-folder.js";

/** What is passed by value. */
export interface FitContext {
  /** A network of one's own: a model (its weights are where training starts) or a function that builds one. */
  model?: LayersModel | ((options: ArchitectureOptions) => LayersModel);
  /** Called after those of the options. */
  callbacks?: readonly Callback[];
  /** Done after those of the options. */
  augmentations?: readonly Augmentation[];
  onProgress?: (progress: Progress) => void;
  /** Stops at the next step; the same training goes on from its last checkpoint. */
  signal?: AbortSignal;
}

/** What the model sees: 0..255 as -1..1. */
const INPUT = { scale: 1 / 127.5, offset: -1 };

/** What a call of `fit` starts from. */
export interface FittingInput {
  options: TrainerOptions;
  set: AssembledSet;
  context: FitContext;
  selected: SelectedEngine;
  /** Commit of the working directory. */
  commit: string | null;
}

/** One call of `fit`. */
export class Fitting {
  readonly #options: TrainerOptions;
  readonly #set: AssembledSet;
  readonly #context: FitContext;
  readonly #selected: SelectedEngine;
  readonly #commit: string | null;
  #given: RunConfig["given"];

  constructor({ options, set, context, selected, commit }: FittingInput) {
    this.#options = options;
    this.#set = set;
    this.#context = context;
    this.#selected = selected;
    this.#commit = commit;
  }

  /** Trains on train, validates on val, tests on test. */
  async single(folder: string): Promise<void> {
    const set = this.#set;
    const train = await Subset.of(set.part("train"));
    this.#identify(train);
    const samples = set.has("val") ? { train, val: await Subset.of(set.part("val")) } : this.#carve(train);
    const test = set.has("test") ? await Subset.of(set.part("test")) : null;
    const config = this.#config({ ...samples, test }, null);
    const work = await openWorkFolder(folder, config);
    if (work === null) return;
    await this.#fit({ ...samples, test }, config, work, "train");
    await this.#finish(work, folder);
  }

  /** Trains and tests once a fold, and pools the tests. Finished folds of an interrupted run are kept. */
  async folds(folder: string, folds: number): Promise<void> {
    const all = await Subset.of(...this.#foldReaders());
    this.#identify(all);
    const tests = foldPositions(all, { ...this.#options, folds });
    const config = this.#config({ train: all, val: null, test: all }, null);
    const work = await openWorkFolder(folder, config);
    if (work === null) return;
    for (const [index, positions] of tests.entries()) {
      const inTest = new Set(positions);
      const rest = all.take([...all.labels.keys()].filter((i) => !inTest.has(i)));
      const samples = { ...this.#carve(rest), test: all.take(positions) };
      const { commit } = work.config;
      const foldConfig = { ...this.#config(samples, { index: index + 1, of: folds }), commit };
      const foldWork = await openWorkFolder(join(work.path, foldFolder(index + 1)), foldConfig);
      if (foldWork === null) continue;
      await this.#fit(samples, foldConfig, foldWork, `fold ${index + 1}/${folds}`);
      await foldWork.finish();
    }
    await writePooled(work.path, folds, this.#set);
    await this.#finish(work, folder);
  }

  /** Takes down what was passed by value, so that another model is not taken for this training. */
  #identify(samples: Subset): void {
    const { model: given, augmentations = [] } = this.#context;
    if (given === undefined && augmentations.length === 0) return;
    const names = augmentations.map(({ name }) => name);
    this.#given = { model: null, augmentations: names };
    if (given === undefined) return;
    const { model, owned } = this.#model(samples);
    this.#given.model = modelFingerprint(model);
    if (owned) model.dispose();
  }

  async #finish(work: WorkFolder, folder: string): Promise<void> {
    if (this.#options.report) await writeReport(work.path, { name: basename(folder) });
    await work.finish();
  }

  async #fit(samples: RunTask["samples"], config: RunConfig, work: WorkFolder, stage: string): Promise<void> {
    const { onProgress, signal, augmentations = [], callbacks = [] } = this.#context;
    const options = this.#options;
    checkSamples(samples.train, samples.val, options);
    const { model, owned, architecture } = this.#model(samples.train);
    const run: RunTask = {
      options,
      set: this.#set,
      config,
      engine: this.#selected.engine,
      model,
      architecture,
      input: INPUT,
      samples,
      testPart: "test",
      augmentations: [...(options.augmentation ? augmentationsOf(options.augmentation) : []), ...augmentations],
      callbacks: [
        ...callbacksOf(options, samples.val),
        ...(onProgress ? [progress(onProgress, stage)] : []),
        ...callbacks,
      ],
      signal,
    };
    try {
      await fitRun(run, work.path);
    } finally {
      if (owned) model.dispose();
    }
  }

  #carve(train: Subset): { train: Subset; val: Subset | null } {
    const { valShare, seed } = this.#options;
    if (valShare === 0) return { train, val: null };
    const carved = carveValidation(train, { share: valShare, seed });
    if (carved.val.length === 0) return { train, val: null };
    return { train: train.take(carved.train), val: train.take(carved.val) };
  }

  #foldReaders(): [PartReader, ...PartReader[]] {
    const set = this.#set;
    const names =
      this.#options.foldParts === "train" ? (["train", "val"] as const) : (["train", "val", "test"] as const);
    // `full` holds the samples of train and test once more.
    const parts =
      this.#options.foldParts === "all" && set.has("full")
        ? (["full"] as const)
        : names.filter((name) => set.has(name));
    const readers = parts.map((name) => set.part(name));
    return readers.length > 0 ? (readers as [PartReader, ...PartReader[]]) : [set.part("train")];
  }

  #model(samples: Subset): { model: LayersModel; owned: boolean; architecture: string } {
    const { architecture, seed } = this.#options;
    const { model: given } = this.#context;
    const [size, , channels] = samples.shape;
    const shape = { size, channels: channels as 1 | 3, classes: samples.classes.length, seed };
    const model = typeof given === "function" ? given(shape) : (given ?? architectures[architecture].build(shape));
    checkModel(model, samples);
    return { model, owned: model !== given, architecture: given === undefined ? architecture : "custom" };
  }

  #config(samples: RunTask["samples"], fold: RunConfig["fold"]): RunConfig {
    const { to: _, ...options } = this.#options;
    const { name, info } = this.#set;
    const { status, reason } = this.#selected;
    return {
      schema: 1,
      options: this.#context.model === undefined ? options : { ...options, architecture: "custom" },
      seed: options.seed,
      ...(this.#given === undefined ? {} : { given: this.#given }),
      engine: { name: status.name, reason, device: status.device ?? null, version: status.version ?? null },
      data: { name, fingerprint: info.fingerprint, policy: info.policy },
      fold,
      samples: { train: samples.train.count, val: samples.val?.count ?? 0, test: samples.test?.count ?? 0 },
      versions: versions(),
      commit: this.#commit,
    };
  }
}

/** The callbacks that the options ask for. */
function callbacksOf(options: TrainerOptions, val: Subset | null): Callback[] {
  const { monitor, patience, schedule } = options;
  if (val === null && monitor.startsWith("val_")) return [];
  return [
    bestCheckpoint({ monitor }),
    ...(schedule.name === "plateau" ? [plateau({ monitor, ...schedule })] : []),
    ...(patience === null ? [] : [earlyStopping({ monitor, patience })]),
  ];
}
