/** Nets with the parts that killed the process or were silently wrong, on every engine against wasm: issue 12, B.1. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { engines, tensorFlow, type StepOptions } from "./engines.ts";
import { batchOf, withSeededWeights } from "./nets.ts";

type Symbol = tf.SymbolicTensor;
const { layers } = tf;
const apply = (layer: tf.layers.Layer, x: Symbol | Symbol[]): Symbol => layer.apply(x) as Symbol;
const conv = (filters: number, kernelSize: number, strides: number, x: Symbol): Symbol => {
  const y = apply(layers.conv2d({ filters, kernelSize, strides, padding: "same", useBias: false }), x);
  return apply(layers.batchNormalization({}), y);
};
const relu = (x: Symbol): Symbol => activation("relu", x);
const activation = (name: "relu" | "softplus", x: Symbol): Symbol => apply(layers.activation({ activation: name }), x);

function classifier(size: number, body: (x: Symbol) => Symbol): tf.LayersModel {
  const input = tf.input({ shape: [size, size, 1] });
  const features = apply(layers.globalAveragePooling2d({}), body(input));
  return tf.model({ inputs: input, outputs: apply(layers.dense({ units: 3, activation: "softmax" }), features) });
}

/** He et al. 2016: the shortcut of a stage that halves the image is a 1x1 convolution of stride 2. */
const residual = (filters: number, x: Symbol): Symbol => {
  const y = conv(filters, 3, 1, relu(conv(filters, 3, 2, x)));
  return relu(apply(layers.add(), [y, conv(filters, 1, 2, x)]));
};

/** Chollet 2017, as in mini_XCEPTION: separable convolutions and a pool beside the projection. */
const xception = (filters: number, x: Symbol, isSmooth = false): Symbol => {
  const separable = (from: Symbol): Symbol => {
    const y = layers.separableConv2d({ filters, kernelSize: 3, padding: "same", useBias: false });
    return apply(layers.batchNormalization({}), apply(y, from));
  };
  const pool = isSmooth ? layers.averagePooling2d : layers.maxPooling2d;
  const pooled = pool({ poolSize: 3, strides: 2, padding: "same" });
  const y = separable(activation(isSmooth ? "softplus" : "relu", separable(x)));
  return apply(layers.add(), [apply(pooled, y), conv(filters, 1, 2, x)]);
};

/** Arriaga et al. 2017. Without kinks where it `isSmooth`: softplus for ReLU, averages for maxima. */
function miniXception(size: number, isSmooth: boolean): tf.LayersModel {
  const input = tf.input({ shape: [size, size, 1] });
  let x = input as Symbol;
  for (let i = 0; i < 2; i++) {
    const stem = layers.conv2d({ filters: 8, kernelSize: 3, useBias: false });
    x = activation(isSmooth ? "softplus" : "relu", apply(layers.batchNormalization({}), apply(stem, x)));
  }
  for (const filters of [16, 32, 64, 128]) x = xception(filters, x, isSmooth);
  x = apply(layers.conv2d({ filters: 3, kernelSize: 3, padding: "same" }), x);
  return tf.model({ inputs: input, outputs: apply(layers.softmax(), apply(layers.globalAveragePooling2d({}), x)) });
}

/** Szegedy et al. 2015: an average pool with padding in front of a 1x1 convolution. */
const inception = (filters: number, x: Symbol): Symbol => {
  const pooled = apply(layers.averagePooling2d({ poolSize: 3, strides: 1, padding: "same" }), x);
  return apply(layers.concatenate(), [relu(conv(filters, 3, 1, x)), relu(conv(filters, 1, 1, pooled))]);
};

const nets: [name: string, size: number, make: () => tf.LayersModel][] = [
  ["a plain projection at 48", 48, () => classifier(48, (x) => conv(16, 1, 2, conv(8, 3, 1, x)))],
  ["a projection of 3 channels at 112", 112, () => classifier(112, (x) => conv(5, 1, 2, conv(3, 3, 1, x)))],
  ["ResNet stages at 64", 64, () => classifier(64, (x) => residual(16, residual(12, conv(8, 3, 1, x))))],
  ["Xception blocks at 48", 48, () => classifier(48, (x) => xception(16, xception(8, conv(5, 3, 1, x))))],
  ["a padded average pool at 24", 24, () => classifier(24, (x) => conv(8, 3, 2, inception(4, conv(6, 3, 1, x))))],
];

const options = (model: tf.LayersModel): StepOptions => ({
  model,
  input: { scale: 1 / 127.5, offset: -1 },
  loss: { labelSmoothing: 0 },
  optimizer: { name: "sgd", momentum: 0.9, nesterov: true, clipNorm: null, weightDecay: 0, ema: null },
  seed: 1,
});

/** Losses of three steps. */
async function train(prepare: (typeof engines)[number]["prepare"], size: number, make: () => tf.LayersModel) {
  const model = withSeededWeights(make(), 1);
  const step = await prepare(options(model));
  const losses: number[] = [];
  for (let i = 0; i < 3; i++) {
    losses.push((await step.step(batchOf(4, i, size * size), { learningRate: 0.01 })).loss);
  }
  step.dispose();
  model.dispose();
  return losses;
}

beforeAll(() => tf.setBackend("cpu"));

describe.each(nets)("%s", (_, size, make) => {
  let expected: number[];
  beforeAll(async () => {
    expected = await train(engines.find(({ name }) => name === "wasm")!.prepare, size, make);
  });

  const compared = engines.filter(({ name }) => name === "tensorflow" || name === "onnx");
  test.each(compared)("trains on $name as on wasm", async ({ available, prepare }) => {
    if (!available) return;
    const losses = await train(prepare, size, make);
    losses.forEach((loss, i) => expect(Math.abs(loss / expected[i]! - 1), `step ${i}`).toBeLessThan(1e-5));
  });

  test.skipIf(tensorFlow === null)("trains on tensorflow in bfloat16", async () => {
    const prepare = (o: StepOptions) => engines[0]!.prepare({ ...o, precision: "bfloat16" });
    const losses = await train(prepare, size, make);
    losses.forEach((loss, i) => expect(Math.abs(loss / expected[i]! - 1), `step ${i}`).toBeLessThan(0.05));
  });
});

/**
 * Twenty steps of mini_XCEPTION at 32 x 32 are farther from wasm than weights changed by 1e-6 take them. That is no
 * fault of an engine: against float64 (Keras) all gradients of wasm are exact to 6e-6 down to the ReLU where one of
 * 100,000 values is 4e-7, and float32 puts it on one side or the other; everything below inherits the step. Without
 * kinks the engines agree in every digit that float32 has.
 */
describe("mini_XCEPTION at 32 x 32", () => {
  const rate = 1e6; // So large that the weights after one step of SGD are the gradient.

  async function gradient(prepare: (typeof engines)[number]["prepare"]): Promise<Float32Array[]> {
    const model = withSeededWeights(miniXception(32, true), 1);
    const trainable = model.trainableWeights.map(({ originalName }) => originalName);
    const optimizer = { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null } as const;
    const step = await prepare({ ...options(model), optimizer });
    await step.step(batchOf(16, 1, 32 * 32), { learningRate: rate });
    const { weights } = await step.readState();
    step.dispose();
    model.dispose();
    return trainable.map((name) => weights[name]!.data);
  }

  const others = engines.filter(({ name, available }) => available && name !== "wasm" && name !== "cpu");
  test.each(others)("has the gradient of wasm on $name where nothing has a kink", async ({ prepare }) => {
    const [found, expected] = [
      await gradient(prepare),
      await gradient(engines.find((e) => e.name === "wasm")!.prepare),
    ];
    const length = (values: readonly Float32Array[]): number =>
      Math.sqrt(values.reduce((sum, data) => sum + data.reduce((a, v) => a + v * v, 0), 0));
    const apart = found.map((data, i) => data.map((v, k) => v - expected[i]![k]!));
    expect(length(apart) / length(expected)).toBeLessThan(2e-5);
  });
});
