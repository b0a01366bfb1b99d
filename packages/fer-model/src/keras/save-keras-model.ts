/** A model on disk as Keras keeps it: `<path>.h5`, a whole model, and its architecture once more as `<path>.json`. */
import { writeAtomic } from "@fer/core";
import type { ModelInfo } from "@fer/core/run";
import type { LayersModel } from "@tensorflow/tfjs";
import { inThread } from "../thread.js";
import type { H5Work } from "./h5-thread.js";
import { encodeModel } from "./h5-weights.js";
import { readModelWeights } from "./model-weights.js";
import { kerasArchitecture } from "./write-architecture.js";

export interface SaveOptions {
  /** Of both files, without an ending. */
  path: string;
  /** What a user must feed and what comes out; kept as JSON in the attribute `fer_model` of the `.h5`. */
  info?: ModelInfo;
  signal?: AbortSignal | undefined;
}

/**
 * Writes `<path>.json` and `<path>.h5`. `keras.models.load_model("<path>.h5")` of Keras 2 and 3 opens the second alone,
 * `model_from_json` the first. Equal models give equal bytes. The `.h5` comes last, so that it always has its `.json`.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { architectures, loadKerasModel, saveKerasModel } from "@fer/model";
 *
 * const path = join(await mkdtemp(join(tmpdir(), "fer-")), "tiny");
 * await saveKerasModel(architectures.tiny.build(), { path });
 * const model = await loadKerasModel(path);
 * console.log(model.countParams()); // 411
 * ```
 */
export async function saveKerasModel(model: LayersModel, { path, info, signal }: SaveOptions): Promise<void> {
  const { json, layers } = kerasArchitecture(model);
  const whole = { architecture: json, info: info === undefined ? undefined : JSON.stringify(info) };
  const bytes = await encode({ layers: readModelWeights(model, layers), whole }, signal);
  await writeAtomic(`${path}.json`, json);
  await writeAtomic(`${path}.h5`, bytes);
}

/** Values from which a thread pays for its start. */
const ENOUGH = 50_000;

async function encode(work: H5Work, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const values = work.layers.flatMap(({ weights }) => weights.map(({ data }) => data));
  if (values.reduce((sum, { length }) => sum + length, 0) < ENOUGH) return encodeModel(work.layers, work.whole);
  const transfer = values.map(({ buffer }) => buffer as ArrayBuffer);
  return inThread<Uint8Array>(new URL("./h5-thread.js", import.meta.url), { input: work, transfer, signal });
}
