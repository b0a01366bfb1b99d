/** One way to a model that predicts, wherever it lies. */
import { access, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { RUN_FILES } from "@fer/core/run";
import { type ExpressionModel, openPackagedModel } from "@fer/recognizer";
import type { EngineName } from "../engine/engine.js";
import { openRun, Run } from "./run.js";

export interface LoadModelOptions {
  /** Of a run; default: that of its training if it runs here, else the best that does. */
  engine?: EngineName | "auto" | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Opens a model: a run or the folder of one, a folder that `fer export --to tfjs` wrote, or an installed package (or a
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
export async function loadModel(source: string | Run, options: LoadModelOptions = {}): Promise<ExpressionModel> {
  if (source instanceof Run) return source.predictor(options);
  const folder = await folderOf(source);
  const isRun = (await isThere(join(folder, RUN_FILES.config))) || !(await isThere(join(folder, RUN_FILES.model)));
  if (isRun) return (await openRun(folder)).predictor(options);
  return openPackagedModel(async (name) => new Uint8Array(await readFile(join(folder, name))));
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
