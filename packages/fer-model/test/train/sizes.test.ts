/** Trainings whose images grow. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer } from "@fer/model";
import { tf } from "@fer/tfjs-graph";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";

const base = {
  architecture: "resnet",
  net: { width: 2, depth: 1 },
  engine: "cpu",
  epochs: 4,
  batchSize: 12,
  report: false,
  baselines: false,
} as const;

let folder: string;
let set: AssembledSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-sizes-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 48, val: 12, test: 12 } });
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

const trainer = (name: string, more: object) => new FerTrainer({ ...base, ...more, to: join(folder, name) });

test("only epochs of whole images can be the best, and the run takes whole images", async () => {
  const run = await trainer("grown", { sizes: [4, 6], weights: "best" }).fit(set);
  expect(run.history.every(({ loss, val_loss }) => Number.isFinite(loss) && Number.isFinite(val_loss))).toBe(true);
  expect(run.outcome!.bestEpoch).toBeGreaterThan(2);
  expect(run.model).toMatchObject({ size: 8 });
  expect(run.metrics!.count).toBe(12);
});

test("stopping early waits for whole images", async () => {
  const options = { sizes: [4], sizesUntil: 0.8, epochs: 10, patience: 1, learningRate: 1e-12 };
  const run = await trainer("patient", options).fit(set);
  // Eight small epochs; the ninth is the first to be compared with.
  expect(run.history.length).toBeGreaterThan(9);
});

test("a network of a fixed size is refused before it trains, other misfits too", async () => {
  const refused = (name: string, more: object, given = {}) =>
    trainer(name, more)
      .fit(set, given)
      .then(String, (error: Error) => error.message);
  const layers = [
    tf.layers.flatten({ name: "flat", inputShape: [8, 8, 1] }),
    tf.layers.dense({ name: "out", units: 3, activation: "softmax" }),
  ];
  const model = tf.sequential({ name: "fixed", layers });
  expect(await refused("fixed", { sizes: [6] }, { model })).toMatchInlineSnapshot(
    `"sizes: model "fixed" for inputs [6, 6, 1]: out/kernel is [36, 3], and [64, 3] for [8, 8, 1]. Expected the weights that it has. Take a network that ends in global pooling, such as resnet, or leave sizes out."`,
  );
  expect(await refused("large", { sizes: [6, 8] })).toMatchInlineSnapshot(
    `"sizes: images of 8 x 8 shrunk to 8 x 8. Expected less than 8. Leave that size out: the epochs after those of sizes see whole images."`,
  );
  expect(await refused("crop", { sizes: [6], crop: 6 })).toMatchInlineSnapshot(
    `"sizes: images of 6 x 6 shrunk to 6 x 6. Expected less than 6. Leave that size out: the epochs after those of sizes see whole images."`,
  );
  expect(await refused("average", { sizes: [6], swa: 0.3 })).toMatchInlineSnapshot(
    `"swa: a mean that begins with epoch 2, and smaller images until epoch 2. Expected epochs of whole images alone. Raise swa, or lower sizesUntil."`,
  );
});
