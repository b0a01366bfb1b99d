/** One way to a model that predicts, wherever it lies. */
import { access, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { FormatError, untilAborted } from "@fer/core";
import { fitOf, ModelInfo, parseJson, RUN_FILES } from "@fer/core/run";
import { z } from "zod";
import type { EngineName } from "../engine/engine.js";
import { selectEngine } from "../engine/select.js";
import { FacePredictor } from "../predict/face-predictor.js";
import { openRun, Run } from "../predict/run.js";
import { loadTfjsLayers, readTfjsJson } from "./load-tfjs.js";

export interface LoadModelOptions {
  /** Default: the best that runs here; of a run that of its training, if it does. */
  engine?: EngineName | "auto" | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Opens a model: a run or the folder of one, a folder that `fer export --as tfjs` wrote, or an installed package (or a
 * folder in one) that holds either. Whoever asked for it disposes of it.
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
  const folder = await folderOf(source);
  const isRun = (await isThere(join(folder, RUN_FILES.config))) || !(await isThere(join(folder, RUN_FILES.model)));
  if (isRun) return (await openRun(folder)).predictor(options);
  return openExported(folder, options);
}

/** `model.json` of an exported model, as far as it tells of its files. */
const Exported = ModelInfo.extend({ export: z.object({ network: z.string() }) });

/** A folder that `fer export --as tfjs` wrote, on an engine. */
async function openExported(folder: string, { engine: name, signal }: LoadModelOptions): Promise<FacePredictor> {
  const path = join(folder, RUN_FILES.model);
  const info = parseJson(await readFile(path), { path, schema: Exported });
  const file = join(folder, info.export.network);
  const json = await readTfjsJson(file);
  if (json === null) {
    throw new FormatError({
      code: "BAD_MODEL",
      subject: file,
      found: "no layers model of TensorFlow.js",
      expected: "what fer export --as tfjs wrote",
    });
  }
  const { engine } = await untilAborted(selectEngine(name ?? "auto"), signal);
  return FacePredictor.open(await loadTfjsLayers(json, { path: file }), {
    model: info,
    fit: fitOf(info) ?? "stretch",
    engine,
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
