/** The mean of the weights of the last epochs. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, loadKerasModel, type Run } from "@fer/model";
import { tf } from "@fer/tfjs-graph";
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BatchMaker, type BatchOptions } from "../../dist/data/batches.js";
import { Subset } from "../../dist/data/subset.js";
import { averaged, isAveraged } from "../../dist/train/averaged-weights.js";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

const base = { architecture: "tiny", engine: "cpu", batchSize: 16, report: false, baselines: false } as const;

let folder: string;
let set: AssembledSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-swa-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 48, val: 12, test: 12 } });
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

/** Weights of the last epoch, by name. */
async function lastOf(run: Run): Promise<Record<string, number[]>> {
  const model = await loadKerasModel(join(run.folder, "last"));
  const weights = Object.fromEntries(
    model.weights.map((weight) => [weight.originalName, Array.from(weight.read().dataSync())]),
  );
  model.dispose();
  return weights;
}

test("averaged is the mean, one after another", () => {
  const of = (...values: number[]) => ({ w: { shape: [values.length], data: Float32Array.from(values) } });
  const mean = [of(1, 10), of(3, 20), of(8, 0)].reduce(averaged, null as ReturnType<typeof averaged> | null);
  expect(mean!.count).toBe(3);
  expect([...mean!.weights["w"]!.data].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([4, 10]);
});

test("isAveraged takes the epochs after the share", () => {
  const epochs = (swa: number | null) => [1, 2, 3, 4].filter((epoch) => isAveraged({ swa, epochs: 4 }, epoch));
  expect([epochs(0.5), epochs(0), epochs(0.9), epochs(null)]).toEqual([[3, 4], [1, 2, 3, 4], [4], []]);
});

test("a training ends with the mean of its last epochs, and with statistics of its own", async () => {
  const options = { ...base, schedule: { name: "constant" }, optimizer: { name: "sgd" }, learningRate: 0.05 } as const;
  const fit = (name: string, more: object) => new FerTrainer({ ...options, ...more, to: join(folder, name) }).fit(set);
  const run = await fit("averaged", { epochs: 3, swa: 0.34 });
  // A training of fewer epochs at a constant rate is the beginning of a longer one.
  const [two, three] = [await lastOf(await fit("two", { epochs: 2 })), await lastOf(await fit("three", { epochs: 3 }))];
  const found = await lastOf(run);
  const names = Object.keys(found).filter((name) => !name.includes("moving"));
  expect(names.length).toBe(Object.keys(found).length - 2);
  for (const name of names) {
    const values = found[name]!;
    const gaps = values.map((value, at) => Math.abs(value - (two[name]![at]! + three[name]![at]!) / 2));
    expect({ name, near: Math.max(...gaps) < 1e-6 }).toEqual({ name, near: true });
  }
  expect(run.outcome).toMatchObject({ weights: "last", averaged: { epochs: 2 } });
  expect(run.outcome!.averaged!.val_accuracy).toBeGreaterThanOrEqual(0);
});

/** Statistics of what goes into the batch norm of the tiny net, as it sees it in 100 steps from an epoch on. */
async function statisticsOf(run: Run, { epoch, batchSize }: { epoch: number; batchSize: number }) {
  const model = await loadKerasModel(join(run.folder, "last"));
  const conv = tf.model({ inputs: model.inputs, outputs: model.getLayer("conv2d").output as SymbolicTensor });
  const samples = await Subset.of(set.part("train"));
  const maker = new BatchMaker(samples, {
    ...(run.config.options as unknown as BatchOptions),
    augmentations: [],
    rowWeights: null,
    targets: null,
  });
  const steps = Math.ceil(samples.count / batchSize);
  const found = { mean: [0, 0, 0, 0], variance: [0, 0, 0, 0] };
  for (let at = 0; at < 100; at++) {
    const { inputs, count } = await maker.at({ epoch: epoch + Math.floor(at / steps), step: at % steps });
    const scaled = Float32Array.from(inputs, (pixel) => pixel / 127.5 - 1);
    const [mean, variance] = tf.tidy(() => {
      const moments = tf.moments(conv.predict(tf.tensor4d(scaled, [count, 8, 8, 1])) as Tensor, [0, 1, 2]);
      return [[...moments.mean.dataSync()], [...moments.variance.dataSync()]];
    });
    // Each step has 0.9 times the share of the one after it; all together 1.
    const share = (0.1 * 0.9 ** (99 - at)) / (1 - 0.9 ** 100);
    for (let c = 0; c < 4; c++) {
      found.mean[c]! += share * mean![c]!;
      found.variance[c]! += share * variance![c]!;
    }
  }
  model.dispose();
  return found;
}

test("the statistics are those of the mean weights, with nothing left of those before", async () => {
  const options = { ...base, epochs: 2, swa: 0, augmentation: null, to: join(folder, "statistics") } as const;
  const run = await new FerTrainer(options).fit(set);
  const [found, expected] = [await lastOf(run), await statisticsOf(run, { epoch: 3, batchSize: 16 })];
  const gap = (a: number[], b: number[]): number => Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));
  expect(gap(found["batch_normalization/moving_mean"]!, expected.mean)).toBeLessThan(1e-5);
  expect(gap(found["batch_normalization/moving_variance"]!, expected.variance)).toBeLessThan(1e-5);
});

test("frozen statistics stay", async () => {
  const source = await new FerTrainer({ ...base, epochs: 1, to: join(folder, "source") }).fit(set);
  const options = { ...base, from: source.folder, freeze: ["body"], epochs: 2, swa: 0 };
  const run = await new FerTrainer({ ...options, to: join(folder, "frozen") }).fit(set);
  const [before, after] = [await lastOf(source), await lastOf(run)];
  expect(after["batch_normalization/moving_mean"]).toEqual(before["batch_normalization/moving_mean"]);
  expect(after["dense/kernel"]).not.toEqual(before["dense/kernel"]);
});

test("stopped while it measures, it ends in the same bytes", async () => {
  const options = { ...base, epochs: 2, swa: 0 } as const;
  const expected = await tree((await new FerTrainer({ ...options, to: join(folder, "uncut") }).fit(set)).folder);
  const trainer = new FerTrainer({ ...options, to: join(folder, "cut") });
  const controller = new AbortController();
  // Heard in the first step of the measuring.
  const callbacks = [
    { name: "abort", onEpochEnd: ({ epoch }: { epoch: number }) => void (epoch === 2 && controller.abort()) },
  ];
  const stopped = trainer.fit(set, { callbacks, signal: controller.signal });
  await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
  expect(await tree((await trainer.fit(set)).folder)).toEqual(expected);
});

test("two averages are one too many", async () => {
  const trainer = new FerTrainer({ ...base, swa: 0.5, ema: 0.9, to: join(folder, "both") });
  await expect(trainer.fit(set)).rejects.toMatchObject({ code: "TWO_AVERAGES" });
});
