/** A finished run: what training left behind, opened again. */
import { OptionsError, untilAborted } from "@fer/core";
import { systemRefusal } from "@fer/core/errors";
import { build, changeInPlace, damaged } from "@fer/core/artifact";
import { argMaxRows, calibrated, labelLoss, type Prediction } from "@fer/core/inference";
import {
  earlierReadings,
  fitOf,
  foldFolder,
  foldNumbers,
  type HistoryRow,
  Metrics,
  ModelInfo,
  Outcome,
  readTrainingIndex,
  RUN_FILES,
  type RunConfig,
  RunFolder,
  writeJson,
  writeReadings,
} from "@fer/core/run";
import { acceptedFingerprint, type AssembledSet, type Fit, type Part, SetInfo, verifySet } from "@fer/core/set";
import type { LayersModel } from "@tensorflow/tfjs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { evaluationSamples } from "../data/samples.js";
import type { EngineName } from "../engine/engine.js";
import { selectForPrediction } from "../engine/select-for-prediction.js";
import { loadKerasModel } from "../keras/index.js";
import { metricsOf } from "./metrics-of.js";
import { type FaceImages, facePixels } from "./face-pixels.js";
import { factsOf } from "./sample-facts.js";
import { seenOf } from "./seen-of.js";
import { surenessOf } from "./temperature.js";
import { FacePredictor, type PixelOptions } from "./face-predictor.js";
import { predictSubset } from "./predict.js";

export interface EvaluateOptions {
  /** Part of the set; default test. */
  part?: Part;
  /** Default: the engine of the training if it runs here, else the best that does. */
  engine?: EngineName | "auto" | undefined;
  signal?: AbortSignal | undefined;
  /** Told where the result cannot be kept, since the run folder is read-only. */
  onNote?: (text: string) => void;
}

/** Files of a network. */
const ENDINGS = [".h5", ".json"] as const;

export interface OpenRunOptions {
  /** What {@link Run.reused} shall say. */
  reused?: boolean;
}

interface RunContents {
  files: RunFolder;
  outcome: Outcome | null;
  model: ModelInfo | null;
  history: HistoryRow[];
  metrics: Metrics | null;
  reused: boolean;
}

/** How a network is opened. */
export interface PredictorOptions extends Omit<EvaluateOptions, "part" | "onNote"> {
  /** Views of a face whose mean is told, in place of the model's own: fewer are faster, and a little less often right. */
  views?: ModelInfo["views"] | undefined;
}

/**
 * A run folder. A run of folds has metrics and folds, each a run of its own, but no weights to predict with.
 */
export class Run {
  readonly #files: RunFolder;
  readonly folder: string;
  readonly config: RunConfig;
  /** `null` for a run of folds. */
  readonly outcome: Outcome | null;
  /** `null` for a run of folds. */
  readonly model: ModelInfo | null;
  readonly history: readonly HistoryRow[];
  /** On the set's own test part, or pooled over folds; `null` where there was nothing to test on. */
  readonly metrics: Metrics | null;
  /** `true` where the trainer found this run already made from the same data and options, and left it alone. */
  readonly reused: boolean;

  /** Use {@link openRun}. */
  constructor(contents: RunContents) {
    this.#files = contents.files;
    this.folder = contents.files.folder;
    this.config = contents.files.config;
    this.outcome = contents.outcome;
    this.model = contents.model;
    this.history = contents.history;
    this.metrics = contents.metrics;
    this.reused = contents.reused;
  }

  /**
   * Tests the chosen weights on a part of a set (of a fold: on what the fold has of its own set), and keeps
   * the result as `evaluations/<set>-<part>.json`. Each measurement is a line of `readings.jsonl`.
   *
   * @throws {@link OptionsError} where the set has other classes or another image size; FormatError where the set or
   * the run is not as it was written.
   */
  async evaluate(set: AssembledSet, { part = "test", engine, signal, onNote }: EvaluateOptions = {}): Promise<Metrics> {
    const { model, weights } = this.#weights();
    this.#checkSet(set, model);
    const fold = (await this.#isOwn(set)) ? (this.config.fold?.index ?? null) : null;
    const samples = await evaluationSamples(set, { part, fold });
    await verifySet(set, { parts: fold === null ? [part] : set.parts, ...(signal === undefined ? {} : { signal }) });
    const raw = await this.#with({ engine, signal }, (predictor) => predictSubset(predictor.views(signal), samples));
    const predicted = argMaxRows(raw, model.classes.length);
    const probabilities = calibrated(raw, model);
    const loss = labelLoss(probabilities, samples.labels);
    const truth = samples.labels;
    const index = await readTrainingIndex(this.#files);
    const rows = await samples.orderedRows();
    const facts = await factsOf(samples, { rows, index, signal });
    // Of its own set it has seen what that was split for, but for what networks that it rests on had seen.
    const isNew =
      (await acceptedFingerprint(set)) !== this.config.data.fingerprint ||
      this.config.start !== undefined ||
      (this.config.options["teacher"] ?? null) !== null;
    const predictions = { truth, predicted, probabilities, majority: null, ridge: null };
    const metrics: Metrics = {
      ...(await metricsOf(predictions, { set, part, weights, loss, facts, signal })),
      ...(probabilities === raw ? {} : { uncalibrated: surenessOf({ probabilities: raw, labels: truth }) }),
      ...(isNew ? { seen: seenOf(rows, index) } : {}),
    };
    await this.#keep(metrics, { part, signal }).catch((error: unknown) => {
      if (!isReadOnly(error)) throw error;
      onNote?.(`${this.folder} cannot be written: the result is not kept, and that it was measured is not logged`);
    });
    return metrics;
  }

  /** Writes an evaluation, and notes in the log that there was one. */
  async #keep(metrics: Metrics, { part, signal }: { part: Part; signal: AbortSignal | undefined }): Promise<void> {
    const { set, count, accuracy } = metrics;
    const file = `${RUN_FILES.evaluations}/${set.name}-${part}.json`;
    const isOurs = (each: string): boolean => each === file;
    await changeInPlace({ subject: "evaluate", to: this.folder, signal }, async () => {
      const run = await RunFolder.open(this.folder, { except: isOurs });
      const earlier = await earlierReadings(run);
      const at = new Date().toISOString();
      const reading = { at, set: set.name, fingerprint: set.fingerprint, part, count, accuracy };
      await run.change(
        (each) => isOurs(each) || each === RUN_FILES.readings,
        async () => {
          await writeJson(join(this.folder, file), metrics);
          return [file, await writeReadings(run, [...earlier, reading])];
        },
      );
    });
  }

  /**
   * Predicts faces, one prediction each.
   *
   * @param images Faces, cut out: the path of a picture file, its bytes (a `Buffer`) or a decoded picture, or a list of
   *   these; or raw pixels `[n, size, size, channels]` of 0..255, of the model's size and channels (`run.model`).
   * @throws {@link OptionsError} where pixels are not whole images of 0..255; DatasetError `BAD_IMAGE` where a picture
   *   cannot be decoded.
   *
   * @example
   * ```ts
   * import { openRun } from "@fer/model";
   *
   * const run = await openRun("runs/first");
   * const [face] = await run.predict("face.png");
   * console.log(face?.expression, face?.confidence); // such as happy 0.98
   * ```
   */
  async predict(images: FaceImages, { engine, signal }: Omit<EvaluateOptions, "part"> = {}): Promise<Prediction[]> {
    const pixels = await this.pixels(images, { signal });
    return this.#with({ engine, signal }, (predictor) => predictor.predict(pixels, { signal }));
  }

  /**
   * Opens the network once, for many predictions: {@link predict} opens it anew each time. Whoever asked for it disposes
   * of it.
   *
   * @throws {@link OptionsError} for a run of folds; FormatError where a file is not as it was written; EngineError where
   * the engine cannot run here.
   *
   * @example
   * ```ts
   * import { openRun } from "@fer/model";
   *
   * const predictor = await (await openRun("runs/first")).predictor();
   * for (const file of ["face.png", "face.png"]) console.log((await predictor.predict(file))[0]?.expression);
   * predictor.dispose();
   * ```
   */
  async predictor({ engine: name, signal, views }: PredictorOptions = {}): Promise<FacePredictor> {
    const { model: own } = this.#weights();
    const model = views === undefined ? own : { ...own, views };
    const fit = await this.fit();
    const { engine } = await untilAborted(selectForPrediction(name, this.config.engine), signal);
    return FacePredictor.open(await this.network(), { model, fit, engine });
  }

  /**
   * What {@link predict} makes of pictures: raw pixels `[n, size, size, channels]` of 0..255, prepared as those that the
   * model was trained on.
   *
   * @throws As {@link predict}.
   *
   * @example
   * ```ts
   * import { openRun } from "@fer/model";
   *
   * const run = await openRun("runs/first");
   * const pixels = await run.pixels(["face.png", "face.png"]);
   * console.log((await run.predict(pixels)).length); // 2
   * ```
   */
  async pixels(images: FaceImages, { fit, signal }: PixelOptions = {}): Promise<Uint8Array> {
    const { model } = this.#weights();
    return facePixels(images, { model, fit: fit ?? (await this.fit()), signal });
  }

  /**
   * Copies the run to another folder.
   *
   * @throws {@link OptionsError} where something else is there; FormatError where a file is not as it was written.
   */
  async save(folder: string): Promise<Run> {
    const { manifest } = this.#files;
    const identity = { run: manifest?.identity ?? { config: this.config, metrics: this.metrics } };
    const options = { subject: "save", to: folder, description: RUN_FILES.config, identity, read: async () => null };
    await build(options, async ({ tree }) => {
      await cp(this.folder, tree, { recursive: true, force: true });
      const [damage] = await (await RunFolder.open(tree)).damages();
      if (damage !== undefined) throw damaged({ path: join(this.folder, damage.file), found: damage.found });
    });
    return openRun(folder);
  }

  /**
   * The chosen network with its weights; whoever asked for it disposes of it.
   *
   * @throws {@link OptionsError} for a run of folds; FormatError where a file is not as it was written.
   */
  async network(): Promise<LayersModel> {
    const { weights } = this.#weights();
    await this.#files.verify(ENDINGS.map((ending) => `${weights}${ending}`));
    return loadKerasModel(join(this.folder, weights));
  }

  #weights(): { model: ModelInfo; weights: "best" | "last" } {
    if (this.model !== null && this.outcome !== null) return { model: this.model, weights: this.outcome.weights };
    throw new OptionsError({
      code: "NO_WEIGHTS",
      subject: this.folder,
      found: "a run of folds, which has a model in each fold and none of its own",
      expected: "a run with weights",
      fix: `Pass one of its folds, such as ${join(this.folder, foldFolder(foldNumbers(this.config)[0] ?? 1))}, or train on a set of parts`,
    });
  }

  /** Whether it was trained on this set of folds. */
  async #isOwn(set: AssembledSet): Promise<boolean> {
    return set.folds > 0 && (await acceptedFingerprint(set)) === this.config.data.fingerprint;
  }

  /** How pictures of the set that was trained on were made square. @throws {@link OptionsError} for a run of folds. */
  async fit(): Promise<Fit> {
    return fitOf(this.#weights().model) ?? (await this.#files.json(RUN_FILES.set, SetInfo))?.image.fit ?? "stretch";
  }

  #checkSet(set: AssembledSet, model: ModelInfo): void {
    const { classes, image } = set.info;
    if (classes.join("\n") !== model.classes.join("\n")) {
      throw new OptionsError({
        code: "DIFFERENT_CLASSES",
        subject: `set ${set.name}`,
        found: `the classes ${classes.join(", ")}`,
        expected: `those of the model: ${model.classes.join(", ")}`,
        fix: "Assemble the set with the model's classes",
      });
    }
    if (image.size === model.size && image.channels === model.channels) return;
    throw new OptionsError({
      code: "DIFFERENT_IMAGES",
      subject: `set ${set.name}`,
      found: `images of ${image.size} x ${image.size} x ${image.channels}`,
      expected: `those of the model: ${model.size} x ${model.size} x ${model.channels}`,
      fix: "Assemble the set in the model's size",
    });
  }

  async #with<T>(
    options: Pick<EvaluateOptions, "engine" | "signal">,
    use: (predictor: FacePredictor) => Promise<T>,
  ): Promise<T> {
    const predictor = await this.predictor(options);
    try {
      return await use(predictor);
    } finally {
      predictor.dispose();
    }
  }
}

/** Whether a folder or its file system does not let anybody write, for reasons that may well be wanted. */
function isReadOnly(error: unknown): boolean {
  const { code } = systemRefusal(error) ?? (error instanceof Error ? systemRefusal(error.cause) : null) ?? {};
  return code === "EACCES" || code === "EPERM" || code === "EROFS";
}

/**
 * Opens a run folder.
 *
 * @throws {@link FormatError} where it is not a finished run, or a file of it is missing or has changed.
 *
 * @example
 * ```ts
 * import { openRun } from "@fer/model";
 *
 * const run = await openRun("runs/first");
 * console.log(run.metrics?.macroF1, run.model?.classes);
 * ```
 */
export async function openRun(folder: string, { reused = false }: OpenRunOptions = {}): Promise<Run> {
  const files = await RunFolder.open(folder);
  const contents = {
    files,
    outcome: await files.json(RUN_FILES.outcome, Outcome),
    model: await files.json(RUN_FILES.model, ModelInfo),
    history: await files.history(),
    metrics: await files.json(RUN_FILES.metrics, Metrics),
    reused,
  };
  const { outcome, history } = contents;
  if (outcome !== null && outcome.epochs !== history.length)
    throw damaged({
      path: join(folder, RUN_FILES.historyLines),
      found: `it has ${history.length} epochs instead of ${outcome.epochs}`,
    });
  return new Run(contents);
}
