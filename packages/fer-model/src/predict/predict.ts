/** Predictions in batches of one size, so that a compiled engine compiles once. */
import { imageViews, type Viewing } from "@fer/core/inference";
import type { PreparedStep } from "@fer/tfjs-graph";
import type { Subset } from "../data/subset.js";
import type { PrepareOptions } from "../engine/engine.js";
import { turns } from "../turns.js";

const BATCH = 64;
/** Fewer faces than this are given to the engine with all their views at once. */
const FEW = 8;

/** What an engine is told of a step that only predicts. */
export const PREDICT_ONLY: Omit<PrepareOptions, "model" | "input"> = {
  loss: { labelSmoothing: 0 },
  optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
  seed: 0,
};

/** The part of a step that predicts. */
export type Predictor = Pick<PreparedStep, "predict">;

/** Predicts raw images `[count, size, size, channels]`: `[count, classes]`, the mean over all views. */
export interface RawPredictor {
  predict(images: Uint8Array, count: number): Promise<Float32Array>;
}

export interface PredictorOptions extends Viewing {
  /** Heard between two views. */
  signal?: AbortSignal | undefined;
}

/** A predictor of raw images. The event loop has a turn between two views. */
export function predictorOf(step: Predictor, { signal, ...viewing }: PredictorOptions): RawPredictor {
  const turn = turns(signal);
  return {
    async predict(images, count) {
      const found: Float32Array[] = [];
      if (count < FEW) {
        await turn();
        const views = [...imageViews(images, viewing)];
        const all = await step.predict(joined(views), views.length * count);
        const length = all.length / views.length;
        found.push(...views.map((_, i) => all.slice(i * length, (i + 1) * length)));
      } else {
        for (const view of imageViews(images, viewing)) {
          await turn();
          found.push((await step.predict(view, count)).slice());
        }
      }
      const [first, ...others] = found;
      if (others.length === 0) return first!;
      return first!.map((value, i) => others.reduce((sum, view) => Math.fround(sum + view[i]!), value) / found.length);
    },
  };
}

function joined(views: readonly Uint8Array[]): Uint8Array {
  if (views.length === 1) return views[0]!;
  const length = views[0]!.length;
  const all = new Uint8Array(views.length * length);
  for (const [i, view] of views.entries()) all.set(view, i * length);
  return all;
}

/** Class probabilities of all samples, `[count, classes]`. */
export async function predictSubset(
  step: RawPredictor,
  samples: Pick<Subset, "classes" | "count" | "read">,
): Promise<Float32Array> {
  const width = samples.classes.length;
  const out = new Float32Array(samples.count * width);
  for (let from = 0; from < samples.count; from += BATCH) {
    const to = Math.min(from + BATCH, samples.count);
    const images = await samples.read(Uint32Array.from({ length: to - from }, (_, i) => from + i));
    out.set(await predictRows(step, { images, count: to - from }), from * width);
  }
  return out;
}

/** Class probabilities of images `[count, ...]`, `[count, classes]`. */
export async function predictRows(
  step: RawPredictor,
  { images, count }: { images: Uint8Array; count: number },
): Promise<Float32Array> {
  if (count === 0) return new Float32Array(0);
  const length = images.length / count;
  // The last batch is filled up to the size of those before it; a few faces alone are for the engine to fill up.
  const batch = Math.min(BATCH, count);
  const parts: Float32Array[] = [];
  for (let from = 0; from < count; from += batch) {
    const rows = Math.min(batch, count - from);
    const padded = new Uint8Array(batch * length);
    padded.set(images.subarray(from * length, (from + rows) * length));
    const found = await step.predict(padded, batch);
    parts.push(found.subarray(0, (found.length / batch) * rows));
  }
  const width = parts[0]!.length / batch;
  const out = new Float32Array(count * width);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
