/** One way to a model that predicts, wherever it lies. */
import { access, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { FormatError, OptionsError, placesOf, untilAborted } from "@fer/core";
import { fitOf, ModelInfo, parseJson, readSeenIndex, RUN_FILES, type SeenIndex } from "@fer/core/run";
import type { Fit } from "@fer/core/set";
import type { LayersModel } from "@tensorflow/tfjs";
import { z } from "zod";
import type { EngineName } from "../engine/engine.js";
import { selectForPrediction } from "../engine/select-for-prediction.js";
import { isFile } from "../is-file.js";
import { FacePredictor } from "../predict/face-predictor.js";
import { openRun, Run } from "../predict/run.js";
import { loadTfjsLayers, readTfjsJson } from "./load-tfjs.js";
import { exportIn, type ModelFileInfo } from "./model-file-info.js";
import { isModelFile, openModelFile } from "./open-model-file.js";

export interface LoadModelOptions {
  /** Default: onnx, or of a run what trained it if that was a graphics card; what does not run here is passed over. */
  engine?: EngineName | "auto" | undefined;
  /** Views of a face whose mean is told, in place of the model's own; a file is one view, whatever is said. */
  views?: ModelInfo["views"] | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Opens a model: a run or the folder of one, a folder that `fer export` wrote, a file of a model (as {@link openModelFile}
 * does), or an installed package (or a folder in one) that holds one of these. Whoever asked for it disposes of it.
 *
 * @throws FormatError where there is none; as {@link openRun}.
 *
 * @example
 * ```ts
 * import { loadModel } from "@fer/model";
 *
 * const model = await loadModel("runs/first");
 * console.log(model.model.classes);
 * model.dispose();
 * ```
 */
export async function loadModel(source: string | Run, options: LoadModelOptions = {}): Promise<FacePredictor> {
  if (source instanceof Run) return source.predictor(options);
  const found = await modelAt(source);
  if ("run" in found) return found.run.predictor(options);
  if ("file" in found) return (await openModelFile(found.file, { engine: options.engine })).predictor;
  return exportedPredictor(found, options);
}

async function exportedPredictor(
  place: ExportedPlace,
  { engine: name, views, signal }: LoadModelOptions,
): Promise<FacePredictor> {
  const { engine } = await untilAborted(selectForPrediction(name), signal);
  const { model, fit } = exportedModel(place);
  const asked = views === undefined ? model : { ...model, views };
  return FacePredictor.open(await exportedNetwork(place), { model: asked, fit, engine });
}

/** A model that is no run, open to be measured. */
export interface OpenedModel {
  predictor: FacePredictor;
  /** In words, such as `Keras model`. */
  format: string;
  /** What it was trained on, in words, where that is known. */
  trainedOn: string | null;
  /** Which images; `null` where that is not known. */
  index: SeenIndex | null;
}

/**
 * Opens whatever is no run. A folder that holds the network itself (`fer export --as tfjs`) gives the mean over the views
 * of its run, as a package does; a file, and a folder of any other export, is one view of a face.
 *
 * @param options What a file does not say by itself, besides.
 * @throws As {@link openModelFile}; OptionsError where an export is told what it says by itself.
 *
 * @example
 * ```ts
 * import { exportRun, openModel } from "@fer/model";
 *
 * await exportRun("runs/first", { to: "models/measured", as: "tfjs" });
 * const { predictor, trainedOn, index } = await openModel("models/measured");
 * console.log(trainedOn, index?.hasPixels("0".repeat(64))); // a run of fer false
 * predictor.dispose();
 * ```
 */
export async function openModel(
  source: string,
  { engine, signal, ...info }: Omit<LoadModelOptions, "views"> & ModelFileInfo = {},
): Promise<OpenedModel> {
  const file = (await isFile(source)) ? basename(source) : null;
  const folder = file === null ? await folderOf(source) : dirname(source);
  const exported = await exportIn(folder);
  const isOurs = exported !== null && (file === null || file === exported.export.file);
  const index = isOurs ? await readSeenIndex(folder) : null;
  if (file !== null || exported?.export.network === undefined) {
    const path = file === null ? folder : source;
    const { predictor, format, trainedOn } = await openModelFile(path, { ...info, engine });
    return { predictor, format, trainedOn, index };
  }
  const [told] = Object.entries(info).find(([, value]) => value !== undefined) ?? [];
  if (told !== undefined) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: told,
      found: `given for ${source}, which says it by itself`,
      expected: "it of a file that does not",
    });
  }
  const { network, quantize } = exported.export;
  const predictor = await exportedPredictor({ folder, network, info: exported }, { engine, signal });
  const views = exported.views === 1 ? "one view" : `the mean of ${exported.views} views`;
  const details = quantize === "none" ? views : `${quantize}, ${views}`;
  return { predictor, format: `export of a run (${details})`, trainedOn: "a run of fer", index };
}

/**
 * Whether something is a model, by path or by the name of a package, and no run.
 *
 * @example
 * ```ts
 * import { isModel } from "@fer/model";
 *
 * console.log(await isModel("runs/first")); // false
 * ```
 */
export async function isModel(source: string): Promise<boolean> {
  for (const place of placesOf(source, import.meta.url))
    if (await isModelFile(place)) return !(await isThere(join(place, RUN_FILES.config)));
  return false;
}

/**
 * A network of layers, and what it takes and gives; whoever asked for it disposes of it. `null` of a file of a model, which
 * may be a graph.
 *
 * @throws As {@link loadModel}.
 */
export async function networkAt(source: string): Promise<{ network: LayersModel; model: ModelInfo; fit: Fit } | null> {
  const found = await modelAt(source);
  if ("file" in found) return null;
  if (!("run" in found)) return { network: await exportedNetwork(found), ...exportedModel(found) };
  const { run } = found;
  const [network, fit] = [await run.network(), await run.fit()];
  return { network, model: run.model!, fit };
}

/** `model.json` of an exported model, as far as it tells of its files. */
const Exported = ModelInfo.extend({ export: z.object({ network: z.string() }) });

/** What `fer export --as tfjs` wrote. */
interface ExportedPlace {
  folder: string;
  /** Name of the file of the network. */
  network: string;
  info: ModelInfo;
}

async function modelAt(source: string): Promise<{ run: Run } | { file: string } | ExportedPlace> {
  if (await isFile(source)) return { file: source };
  const folder = await folderOf(source);
  const isRun = (await isThere(join(folder, RUN_FILES.config))) || !(await isThere(join(folder, RUN_FILES.model)));
  if (isRun) return { run: await openRun(folder) };
  const exported = await exportIn(folder);
  if (exported !== null && exported.export.network === undefined) return { file: folder };
  const path = join(folder, RUN_FILES.model);
  const info = parseJson(await readFile(path), { path, schema: Exported });
  return { folder, network: info.export.network, info };
}

const exportedModel = ({ info }: ExportedPlace): { model: ModelInfo; fit: Fit } => ({
  model: info,
  fit: fitOf(info) ?? "stretch",
});

async function exportedNetwork({ folder, network }: Omit<ExportedPlace, "info">): Promise<LayersModel> {
  const file = join(folder, network);
  const json = await readTfjsJson(file);
  if (json !== null) return loadTfjsLayers(json, { path: file });
  throw new FormatError({
    code: "BAD_MODEL",
    subject: file,
    found: "no layers model of TensorFlow.js",
    expected: "what fer export --as tfjs wrote",
  });
}

/** Of a path, or of a package: `@fer/weights`, `@fer/weights/small`. */
async function folderOf(source: string): Promise<string> {
  for (const place of placesOf(source, import.meta.url)) {
    for (const file of [RUN_FILES.config, RUN_FILES.model]) if (await isThere(join(place, file))) return resolve(place);
  }
  // What is wrong with it, a run says best.
  return source;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
