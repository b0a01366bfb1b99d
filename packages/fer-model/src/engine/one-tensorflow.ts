/**
 * One process, one TensorFlow.js: a tensor or a model of a second copy belongs to another engine, and fails deep
 * inside with a message that explains nothing. tfjs keeps its engine on `globalThis`, so two copies of one version
 * share it, but their classes differ all the same.
 */
import { EngineError } from "@fer/core";
import type { LayersModel } from "@tensorflow/tfjs";
import { createRequire } from "node:module";
import { tf } from "@fer/tfjs-graph";

/** Refuses a second `@tensorflow/tfjs-core` among the modules that are loaded so far. */
export function assertOneTensorFlow(): void {
  const require = createRequire(import.meta.url);
  const copies = Object.keys(require.cache).filter((file) =>
    /[\\/]@tensorflow[\\/]tfjs-core[\\/]dist[\\/]tf-core\.node\.js$/.test(file),
  );
  if (copies.length > 1) throw twoCopies(`${copies.length} copies are loaded: ${copies.sort().join(", ")}`);
}

/** Refuses a model that was made by another copy than the one that @fer uses. */
export function assertOurModel(model: LayersModel): void {
  if (!(model instanceof tf.LayersModel))
    throw twoCopies("the model was made by another copy than the one that @fer/model loads");
}

const twoCopies = (found: string): EngineError =>
  new EngineError({
    code: "TWO_TENSORFLOWS",
    subject: "@tensorflow/tfjs",
    found,
    expected: "one copy in the process",
    fix: "Run `npm ls @tensorflow/tfjs @tensorflow/tfjs-core`, install one version of @tensorflow/tfjs at the top level and run `npm dedupe`",
  });
