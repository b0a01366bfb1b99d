/** What the baselines predict: fitted on the training samples, for the same samples as the network. */
import { fitRidge } from "../baselines/ridge.js";
import type { Subset } from "../data/subset.js";
import { inThread } from "../thread.js";
import { turns } from "../turns.js";
import type { Predicted } from "./predictions-file.js";
import type { RidgeWork } from "./ridge-thread.js";

/** The ridge needs all training pixels as float32 in memory; above this many bytes it is left out (`ridge: null`). */
const MOST_BYTES = 2 ** 30;
/** Multiplications from which a thread pays for its start; some 20 ms. */
const ENOUGH = 2e7;

export interface BaselineSamples {
  train: Subset;
  test: Subset;
}

/** Class indices that each baseline predicts for the test samples. They choose nothing, so they train on validation too. */
export async function predictBaselines(
  { train, test }: BaselineSamples,
  signal?: AbortSignal,
): Promise<Pick<Predicted, "majority" | "ridge">> {
  const classes = train.classes.length;
  const majority = new Int32Array(test.count).fill(majorityClass(train.labels, classes));
  const features = train.shape[0] * train.shape[1] * train.shape[2];
  if (train.count * features * 4 > MOST_BYTES) return { majority, ridge: null };
  const work: RidgeWork = {
    train: { pixels: await allPixels(train, signal), labels: train.labels },
    classes,
    test: await allPixels(test, signal),
  };
  if (train.count * features * Math.min(train.count, features) < ENOUGH) {
    return { majority, ridge: (await fitRidge(work.train, { classes, signal })).predict(work.test) };
  }
  const transfer = [work.train.pixels, work.test].map(({ buffer }) => buffer as ArrayBuffer);
  const module = new URL("./ridge-thread.js", import.meta.url);
  return { majority, ridge: await inThread<Int32Array>(module, { input: work, transfer, signal }) };
}

/** The most frequent class; the first of equally frequent ones. */
export function majorityClass(labels: ArrayLike<number>, classes: number): number {
  const counts = new Int32Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  return counts.indexOf(Math.max(...counts));
}

/** `[count, features]`. */
async function allPixels(samples: Subset, signal?: AbortSignal): Promise<Uint8Array> {
  const features = samples.shape[0] * samples.shape[1] * samples.shape[2];
  const pixels = new Uint8Array(samples.count * features);
  const turn = turns(signal);
  for (let from = 0; from < samples.count; from += CHUNK) {
    await turn();
    const positions = Uint32Array.from({ length: Math.min(CHUNK, samples.count - from) }, (_, i) => from + i);
    pixels.set(await samples.read(positions), from * features);
  }
  return pixels;
}

/** Images that are read at a time: a millisecond or two. */
const CHUNK = 512;
