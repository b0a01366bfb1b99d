/**
 * Twenty steps of the same nets, weights and batches as Keras (golden/keras_losses.py made golden/keras_losses.json): losses within
 * 1e-4, and the prediction after them, which sees weights and running statistics.
 */
import { readFileSync } from "node:fs";
import type { Batch } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { engines, type StepOptions } from "./engines.ts";
import { generator } from "./nets.ts";

interface Run {
  net: string;
  optimizer: string;
  losses: number[];
  probabilities: number[];
}

const golden = JSON.parse(readFileSync(new URL("golden/keras_losses.json", import.meta.url), "utf8")) as {
  runs: Run[];
};
const { layers } = tf;

const nets: Record<string, () => tf.LayersModel> = {
  "fer-cnn": () =>
    tf.sequential({
      layers: [
        ...[64, 128, 256, 512].flatMap((filters, i) => [
          layers.conv2d({
            filters,
            kernelSize: [3, 1],
            padding: "same",
            ...(i === 0 ? { inputShape: [48, 48, 1] } : {}),
          }),
          layers.conv2d({ filters, kernelSize: [1, 3], padding: "same" }),
          layers.batchNormalization(),
          layers.activation({ activation: "relu" }),
          layers.maxPooling2d({ poolSize: 2 }),
        ]),
        layers.flatten(),
        ...[512, 256].flatMap((units) => [
          layers.dense({ units }),
          layers.batchNormalization(),
          layers.activation({ activation: "relu" }),
        ]),
        layers.dense({ units: 7, activation: "softmax" }),
      ],
    }),
  "fer-cnn-small": () =>
    tf.sequential({
      layers: [
        ...[32, 64, 128].flatMap((filters, i) => [
          layers.conv2d({
            filters,
            kernelSize: 3,
            activation: "relu",
            ...(i === 0 ? { inputShape: [48, 48, 1] } : {}),
          }),
          layers.conv2d({ filters, kernelSize: 3, activation: "relu" }),
          layers.batchNormalization(),
          layers.maxPooling2d({ poolSize: 3, strides: 2 }),
        ]),
        layers.flatten(),
        layers.dense({ units: 1024, activation: "relu" }),
        layers.dense({ units: 7, activation: "softmax" }),
      ],
    }),
};

const shared = { clipNorm: null, weightDecay: 0, ema: null };
const adam = { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7, ...shared } as const;
const optimizers: Record<string, { options: StepOptions["optimizer"]; learningRate: number }> = {
  "sgd-nesterov": { options: { name: "sgd", momentum: 0.9, nesterov: true, ...shared }, learningRate: 2e-6 },
  adam: { options: adam, learningRate: 2e-6 },
  adamw: { options: { ...adam, weightDecay: 200 }, learningRate: 2e-6 },
};

/** The k-th kernel uniform in Glorot's limits from seed 1000 + k, the rest as tfjs starts it. */
function withGoldenWeights(model: tf.LayersModel): tf.LayersModel {
  let k = 0;
  for (const layer of model.layers) {
    const weights = layer.getWeights();
    if (weights.length === 0 || layer.getClassName() === "BatchNormalization") continue;
    const [kernel, ...others] = weights as [tf.Tensor, ...tf.Tensor[]];
    const outputs = kernel.shape.at(-1)!;
    const limit = Math.sqrt(6 / (kernel.size / outputs + outputs));
    const random = generator(1000 + k++);
    const values = Float32Array.from({ length: kernel.size }, () => (random() * 2 - 1) * limit);
    layer.setWeights([tf.tensor(values, kernel.shape), ...others]);
  }
  return model;
}

/** The batches of keras_losses.py: stripes of random direction, width and phase under noise. */
function batch(step: number): Batch {
  const [random, noise] = [generator(step), generator(step + 1000)];
  const inputs = new Uint8Array(16 * 48 * 48);
  const labels = new Float32Array(16 * 7);
  for (let i = 0; i < 16; i++) {
    const [a, b, c] = [random(), random(), random()];
    for (let y = 0; y < 48; y++) {
      for (let x = 0; x < 48; x++) {
        const turn = (a - 0.5) * 0.4 * x + b * 0.2 * y + c;
        const wave = Math.abs(2 * (turn - Math.floor(turn)) - 1);
        inputs[(i * 48 + y) * 48 + x] = Math.floor((wave + noise()) * 127.5);
      }
    }
    labels[i * 7 + ((i + step) % 7)] = 1;
  }
  return { inputs, labels, count: 16 };
}

const trained = golden.runs.filter(({ optimizer }) => optimizer !== "none");

test.each(trained)("the updates of $net with $optimizer show in the losses", ({ net, losses }) => {
  const still = golden.runs.find((run) => run.net === net && run.optimizer === "none")!;
  expect(Math.max(...losses.map((loss, i) => Math.abs(loss / still.losses[i]! - 1)))).toBeGreaterThan(4e-4);
});

const compiled = engines.filter(({ name }) => name === "tensorflow" || name === "onnx");

describe.each(compiled)("Keras' twenty steps on $name", ({ available, prepare }) => {
  test.skipIf(!available).each(trained)("$net with $optimizer", { timeout: 300_000 }, async (run) => {
    await tf.setBackend("cpu");
    const model = withGoldenWeights(nets[run.net]!());
    const { options, learningRate } = optimizers[run.optimizer]!;
    const input = { scale: 1 / 127.5, offset: -1 };
    const step = await prepare({ model, input, loss: { labelSmoothing: 0 }, optimizer: options, seed: 0 });
    const worst: number[] = [];
    for (const [i, expected] of run.losses.entries()) {
      const { loss } = await step.step(batch(i + 1), { learningRate });
      worst.push(Math.abs(loss / expected - 1));
    }
    const probabilities = await step.predict(batch(100).inputs, 16);
    step.dispose();
    model.dispose();
    expect(Math.max(...worst)).toBeLessThan(1e-4);
    run.probabilities.forEach((p, i) => expect(Math.abs(p - probabilities[i]!)).toBeLessThan(1e-4));
  });
});
