/** Predictions in batches of one size, so that a compiled engine compiles once. */
import { standardized } from "../data/standardize.js";
import type { PrepareOptions } from "../engine/engine.js";
import { turns } from "../turns.js";
import { type Predictor, type Views, withViews } from "./views.js";
import type { Subset } from "../data/subset.js";

const BATCH = 64;

/** What an engine is told of a step that only predicts. */
export const PREDICT_ONLY: Omit<PrepareOptions, "model" | "input"> = {
  loss: { labelSmoothing: 0 },
  optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
  seed: 0,
};

/** How a model wants to see raw images; part of `model.json`. */
export interface Viewing {
  standardize: boolean;
  views: Views;
  size: number;
  channels: number;
}

/** A predictor of raw images. */
export function predictorOf(step: Predictor, { standardize, views, size, channels }: Viewing): Predictor {
  const predictor = withViews(step, views, { size, channels });
  return standardize ? standardized(predictor) : predictor;
}

/** Class probabilities of all samples, `[count, classes]`. */
export async function predictSubset(step: Predictor, samples: Subset, signal?: AbortSignal): Promise<Float32Array> {
  const width = samples.classes.length;
  const out = new Float32Array(samples.count * width);
  const turn = turns(signal);
  for (let from = 0; from < samples.count; from += BATCH) {
    await turn();
    const to = Math.min(from + BATCH, samples.count);
    const images = await samples.read(Uint32Array.from({ length: to - from }, (_, i) => from + i));
    out.set(await predictRows(step, images, to - from), from * width);
  }
  return out;
}

/** Class probabilities of images `[count, ...]`, `[count, classes]`. */
export async function predictRows(
  step: Predictor,
  images: Uint8Array | Float32Array,
  count: number,
): Promise<Float32Array> {
  if (count === 0) return new Float32Array(0);
  const length = images.length / count;
  const parts: Float32Array[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const rows = Math.min(BATCH, count - from);
    const chunk = images.subarray(from * length, (from + rows) * length);
    const padded = images instanceof Uint8Array ? new Uint8Array(BATCH * length) : new Float32Array(BATCH * length);
    padded.set(chunk);
    const found = await step.predict(padded, BATCH);
    parts.push(found.subarray(0, (found.length / BATCH) * rows));
  }
  const width = parts[0]!.length / Math.min(BATCH, count);
  const out = new Float32Array(count * width);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
