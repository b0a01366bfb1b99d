/** One way to a model that predicts, wherever it lies. */
import { access, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { FormatError, untilAborted } from "@fer/core";
import { fitOf, ModelInfo, parseJson, RUN_FILES } from "@fer/core/run";
import type { Fit } from "@fer/core/set";
import type { LayersModel } from "@tensorflow/tfjs";
import { z } from "zod";
import type { EngineName } from "../engine/engine.js";
import { selectEngine } from "../engine/select.js";
import { FacePredictor } from "../predict/face-predictor.js";
import { openRun, Run } from "../predict/run.js";
import { loadTfjsLayers, readTfjsJson } from "./load-tfjs.js";
import { exportIn } from "./model-file-info.js";
import { openModelFile } from "./open-model-file.js";

export interface LoadModelOptions {
  /** Default: the best that runs here; of a run that of its training, if it does. */
  engine?: EngineName | "auto" | undefined;
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
  const { engine } = await untilAborted(selectEngine(options.engine ?? "auto"), options.signal);
  return FacePredictor.open(await exportedNetwork(found), { ...exportedModel(found), engine });
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
  info: z.infer<typeof Exported>;
}

async function modelAt(source: string): Promise<{ run: Run } | { file: string } | ExportedPlace> {
  if ((await stat(source).catch(() => null))?.isFile() === true) return { file: source };
  const folder = await folderOf(source);
  const isRun = (await isThere(join(folder, RUN_FILES.config))) || !(await isThere(join(folder, RUN_FILES.model)));
  if (isRun) return { run: await openRun(folder) };
  const exported = await exportIn(folder);
  if (exported !== null && exported.export.network === undefined) return { file: folder };
  const path = join(folder, RUN_FILES.model);
  return { folder, info: parseJson(await readFile(path), { path, schema: Exported }) };
}

const exportedModel = ({ info }: ExportedPlace): { model: ModelInfo; fit: Fit } => ({
  model: info,
  fit: fitOf(info) ?? "stretch",
});

async function exportedNetwork({ folder, info }: ExportedPlace): Promise<LayersModel> {
  const file = join(folder, info.export.network);
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
  const names = source.startsWith("@") ? /^(@[^/]+\/[^/]+)\/?(.*)$/.exec(source) : /^([^/.][^/]*)\/?(.*)$/.exec(source);
  const inPackage = names === null ? undefined : packageFolder(names[1]!);
  const places = [resolve(source), ...(inPackage === undefined ? [] : [join(inPackage, names![2]!)])];
  for (const folder of places) {
    for (const file of [RUN_FILES.config, RUN_FILES.model]) if (await isThere(join(folder, file))) return folder;
  }
  // What is wrong with it, a run says best.
  return source;
}

function packageFolder(name: string): string | undefined {
  for (const from of [join(process.cwd(), "package.json"), import.meta.url]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      // not there
    }
  }
  return undefined;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
