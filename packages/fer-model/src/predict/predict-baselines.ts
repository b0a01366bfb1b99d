/** What the baselines predict: fitted on the training samples, for the same samples as the network. */
import { majorityBaseline } from "../baselines/majority.js";
import { fitRidge } from "../baselines/ridge.js";
import { allOf, type Subset } from "../data/subset.js";
import type { Predicted } from "./predictions-file.js";

/** The ridge needs all training pixels as float32 in memory; above this many bytes it is left out (`ridge: null`). */
const MOST_BYTES = 2 ** 30;

/** Class indices that each baseline predicts for the test samples. They choose nothing, so they train on validation too. */
export async function predictBaselines(
  train: Subset,
  test: Subset,
  signal?: AbortSignal,
): Promise<Pick<Predicted, "majority" | "ridge">> {
  const classes = train.classes.length;
  const majority = majorityBaseline(train.labels, test.count, classes);
  const [size, , channels] = train.shape;
  if (train.count * size * size * channels * 4 > MOST_BYTES) return { majority, ridge: null };
  const rows = { pixels: await train.read(allOf(train)), labels: train.labels };
  const ridge = await fitRidge(rows, { classes, signal });
  const predicted: number[] = [];
  for (let from = 0; from < test.count; from += 1024) {
    const positions = Uint32Array.from({ length: Math.min(1024, test.count - from) }, (_, i) => from + i);
    predicted.push(...ridge.predict(await test.read(positions)));
  }
  return { majority, ridge: predicted };
}
