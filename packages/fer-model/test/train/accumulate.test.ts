/** One update from several batches. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, loadKerasModel, type Run } from "@fer/model";
import { tf } from "@fer/tfjs-graph";
import type { LayersModel } from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";

let folder: string;
let set: AssembledSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-accumulate-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 50, val: 12, test: 12 } });
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

/** Without batch norm and dropout. */
const model = (): LayersModel =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 3,
        kernelSize: 3,
        activation: "relu",
        kernelInitializer: tf.initializers.heNormal({ seed: 1 }),
      }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: tf.initializers.heNormal({ seed: 2 }) }),
    ],
  });

const fit = (name: string, options: object): Promise<Run> =>
  new FerTrainer({
    engine: "cpu",
    epochs: 3,
    learningRate: 0.002,
    mixup: 0.4,
    ema: 0.9,
    clipNorm: 0.5,
    baselines: false,
    report: false,
    ...options,
    to: join(folder, name),
  }).fit(set, { model });

async function weightsOf(run: Run): Promise<number[]> {
  const network = await loadKerasModel(join(run.folder, "last"));
  const values = network.weights.flatMap((weight) => Array.from(weight.read().dataSync()));
  network.dispose();
  return values;
}

test("a training is that with the large batch, order, mixup and learning rates included", async () => {
  // 50 images: updates of 16 and 17, in parts of 4 and 5.
  const large = await fit("large", { batchSize: 20 });
  const parted = await fit("parted", { batchSize: 5, accumulate: 4 });
  const rates = (run: Run) => run.history.map((row) => row.learning_rate);
  expect(rates(parted)).toEqual(rates(large));
  parted.history.forEach(({ loss }, at) => expect(loss).toBeCloseTo(large.history[at]!.loss, 5));
  const [found, expected] = [await weightsOf(parted), await weightsOf(large)];
  const gaps = found.map((value, at) => Math.abs(value - expected[at]!));
  expect(Math.max(...gaps)).toBeLessThan(1e-5);
  // With batches of 5 it is another training.
  const small = await weightsOf(await fit("small", { batchSize: 5 }));
  expect(Math.max(...small.map((value, at) => Math.abs(value - expected[at]!)))).toBeGreaterThan(1e-3);
});
