/** Our own ops: published values, formulas written out, and gradients against finite differences. */
import {
  batchNormTrain,
  clipByGlobalNorm,
  dropoutMask,
  focalCrossEntropy,
  runUpdate,
  smoothLabels,
  softmaxCrossEntropy,
} from "@fer/tfjs-graph/ops";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { updateLoop } from "../../dist/onnx/update-loop.js";
import { dropoutMaskValues } from "../../dist/ops/dropout-mask.js";
import { philox } from "../../dist/ops/philox.js";
import { adamStepSize } from "../../dist/ops/updates/adam-update.js";
import { updateOps, type UpdateName } from "../../dist/ops/updates/index.js";
import { generator } from "../nets.ts";

beforeAll(() => tf.setBackend("cpu"));

/** Central differences of the scalar `f` at `values`. float32 and a step of 1e-2 leave an error of about 1e-3. */
function differences(f: (x: tf.Tensor) => tf.Tensor, values: Float32Array, shape: number[]): number[] {
  const at = (i: number, by: number): number => {
    const moved = values.slice();
    moved[i]! += by;
    return f(tf.tensor(moved, shape)).dataSync()[0]!;
  };
  return Array.from(values, (_, i) => (at(i, 1e-2) - at(i, -1e-2)) / 2e-2);
}

function random(shape: number[], seed: number): Float32Array {
  const next = generator(seed);
  return Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => next() * 2 - 1);
}

/** Largest difference of two lists of the same length. */
function gap(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Math.max(...Array.from(expected, (value, i) => Math.abs(value - found[i]!)));
}

describe("philox", () => {
  // Known answers of Random123 (kat_vectors, philox4x32 10).
  test.each([
    [[0, 0], [0, 0, 0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [[0xa4093822, 0x299f31d0], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ] as const)("gives the published words for key %j and counter %j", (key, counter, words) => {
    expect(Array.from(philox({ key, counter }, 4), (word) => word.toString(16).padStart(8, "0")).join(" ")).toBe(words);
  });

  test("counts blocks up in the first word", () => {
    const [, , , , ...second] = philox({ key: [1, 2], counter: [7, 0, 0, 0] }, 8);
    expect(second).toEqual(Array.from(philox({ key: [1, 2], counter: [8, 0, 0, 0] }, 4)));
  });
});

describe("dropoutMask", () => {
  const options = { shape: [64, 64], rate: 0.25, seed: 3, layer: 1 };

  test("drops the share that was asked for and scales the rest", () => {
    const values = dropoutMaskValues(options, 5);
    const dropped = values.filter((value) => value === 0).length / values.length;
    expect(new Set(values)).toEqual(new Set([0, Math.fround(4 / 3)]));
    expect(Math.abs(dropped - 0.25)).toBeLessThan(0.03);
  });

  test("depends on seed, layer and step, and on nothing else", () => {
    const mask = (change: object, step: number): number[] =>
      Array.from(dropoutMaskValues({ ...options, ...change }, step));
    expect(mask({}, 5)).toEqual(mask({}, 5));
    for (const other of [mask({ seed: 4 }, 5), mask({ layer: 2 }, 5), mask({}, 6)])
      expect(other).not.toEqual(mask({}, 5));
  });

  test("is the same as a tensor", () => {
    const tensor = dropoutMask(tf.scalar(5, "int32"), options);
    expect(tensor.shape).toEqual([64, 64]);
    expect(tensor.dataSync()).toEqual(dropoutMaskValues(options, 5));
  });
});

describe("batchNormTrain", () => {
  const shape = [4, 3, 2, 3];
  const x = random(shape, 1);
  const gamma = tf.tensor1d([1.5, -0.5, 2]);
  const beta = tf.tensor1d([0.1, 0.2, 0.3]);

  test("normalizes with the biased statistics of the batch", () => {
    const { y, mean, variance } = batchNormTrain({ x: tf.tensor(x, shape), gamma, beta }, 1e-3);
    const moments = tf.moments(tf.tensor(x, shape), [0, 1, 2]);
    expect(gap(mean.dataSync(), moments.mean.dataSync())).toBeLessThan(1e-6);
    expect(gap(variance.dataSync(), moments.variance.dataSync())).toBeLessThan(1e-6);
    const expected = tf.tensor(x, shape).sub(moments.mean).div(moments.variance.add(1e-3).sqrt()).mul(gamma).add(beta);
    expect(gap(y.dataSync(), expected.dataSync())).toBeLessThan(1e-5);
  });

  test("has the gradients of finite differences", () => {
    const weights = tf.tensor(random(shape, 2), shape);
    const value = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Scalar =>
      batchNormTrain({ x, gamma, beta }, 1e-3).y.mul(weights).sum();
    const [dx, dgamma, dbeta] = tf.grads((x, g, b) => value(x, g, b))([tf.tensor(x, shape), gamma, beta]);
    expect(
      gap(
        dx!.dataSync(),
        differences((t) => value(t, gamma, beta), x, shape),
      ),
    ).toBeLessThan(5e-3);
    expect(
      gap(
        dgamma!.dataSync(),
        differences((t) => value(tf.tensor(x, shape), t, beta), gamma.dataSync() as Float32Array, [3]),
      ),
    ).toBeLessThan(5e-3);
    expect(
      gap(
        dbeta!.dataSync(),
        differences((t) => value(tf.tensor(x, shape), gamma, t), beta.dataSync() as Float32Array, [3]),
      ),
    ).toBeLessThan(5e-3);
  });
});

describe("softmaxCrossEntropy", () => {
  const labels = tf.tensor2d([
    [1, 0, 0],
    [0.2, 0.3, 0.5],
  ]);

  test("is the formula, also for large logits", () => {
    const loss = softmaxCrossEntropy(
      tf.tensor2d([
        [1, 2, 3],
        [1000, 0, -1000],
      ]),
      labels,
    ).arraySync();
    expect(gap(loss, [2.4076059, 1300])).toBeLessThan(1e-4);
  });

  test("has the gradient of finite differences", () => {
    const logits = random([2, 3], 4);
    const value = (t: tf.Tensor): tf.Tensor =>
      softmaxCrossEntropy(t as tf.Tensor2D, labels)
        .mul([0.5, 2])
        .sum();
    const gradient = tf.grad(value)(tf.tensor2d(logits, [2, 3]));
    expect(gap(gradient.dataSync(), differences(value, logits, [2, 3]))).toBeLessThan(2e-3);
  });

  test("smooths labels without changing their sum", () => {
    expect(gap(smoothLabels(tf.tensor2d([[1, 0, 0, 0]]), 0.2).dataSync(), [0.85, 0.05, 0.05, 0.05])).toBeLessThan(1e-6);
  });
});

describe("focalCrossEntropy", () => {
  const labels = tf.tensor2d([
    [1, 0, 0],
    [0.2, 0.3, 0.5],
  ]);

  test.each([0.5, 1, 2])("is the formula, for gamma %d", (gamma) => {
    const logits = random([2, 3], 4);
    const found = focalCrossEntropy(tf.tensor2d(logits, [2, 3]), { labels, gamma }).arraySync();
    const expected = [0, 1].map((row) => {
      const exponentials = Array.from(logits.slice(row * 3, row * 3 + 3), Math.exp);
      const sum = exponentials.reduce((a, b) => a + b);
      const targets = labels.arraySync()[row]!;
      return exponentials.reduce((loss, e, c) => loss - targets[c]! * (1 - e / sum) ** gamma * Math.log(e / sum), 0);
    });
    expect(gap(found, expected)).toBeLessThan(1e-5);
  });

  test("is exact for a probability of a millionth", () => {
    const loss = focalCrossEntropy(tf.tensor2d([[0, Math.log(1e6 - 1)]]), { labels: tf.tensor2d([[1, 0]]), gamma: 2 });
    expect(loss.dataSync()[0]).toBeCloseTo((1 - 1e-6) ** 2 * Math.log(1e6), 4);
  });

  test("with gamma 0 it is the cross-entropy, and its gradient too", () => {
    const logits = tf.tensor2d(random([2, 3], 4), [2, 3]);
    const [value, gradient] = [
      (t: tf.Tensor) => focalCrossEntropy(t as tf.Tensor2D, { labels, gamma: 0 }).sum(),
      (t: tf.Tensor) => softmaxCrossEntropy(t as tf.Tensor2D, labels).sum(),
    ].map((loss) => tf.grad(loss)(logits).dataSync());
    expect(gap(value!, gradient!)).toBeLessThan(1e-5);
  });

  test.each([0.5, 1, 2])("has the gradient of finite differences, for gamma %d", (gamma) => {
    const logits = random([2, 3], 4);
    const value = (t: tf.Tensor): tf.Tensor =>
      focalCrossEntropy(t as tf.Tensor2D, { labels, gamma })
        .mul([0.5, 2])
        .sum();
    const gradient = tf.grad(value)(tf.tensor2d(logits, [2, 3]));
    expect(gap(gradient.dataSync(), differences(value, logits, [2, 3]))).toBeLessThan(2e-3);
  });

  test("stays finite where a row is sure, right or wrong", () => {
    const logits = tf.tensor2d([
      [1000, 0, 0],
      [0, 0, 1000],
    ]);
    const one = tf.tensor2d([
      [1, 0, 0],
      [1, 0, 0],
    ]);
    const value = (t: tf.Tensor): tf.Tensor => focalCrossEntropy(t as tf.Tensor2D, { labels: one, gamma: 0.5 }).sum();
    const gradient = tf.grad(value)(logits).dataSync();
    expect([...gradient].every(Number.isFinite)).toBe(true);
    // the wrong one is still pulled
    expect(gap(gradient.subarray(3), [-1, 0, 1])).toBeLessThan(1e-2);
  });
});

describe("updates", () => {
  const weight = tf.tensor1d([1, -2]);
  const gradient = tf.tensor1d([0.5, 1]);
  const learningRate = tf.scalar(0.1);
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0 };

  const run = (name: UpdateName, inputs: Record<string, tf.Tensor>, attributes: Record<string, number | boolean>) =>
    runUpdate(name, { inputs, attributes }).map((tensor) => tensor.dataSync());

  test("sgd without and with momentum, plain and Nesterov, with decay", () => {
    const [plain] = run("SgdUpdate", { weight, gradient, learningRate }, { weightDecay: 0 });
    expect(gap(plain!, [0.95, -2.1])).toBeLessThan(1e-6);
    const inputs = { weight, gradient, learningRate, velocity: tf.tensor1d([0.2, 0]) };
    const [moved, velocity] = run("SgdMomentumUpdate", inputs, { momentum: 0.9, nesterov: false, weightDecay: 0 });
    expect(gap(velocity!, [0.13, -0.1])).toBeLessThan(1e-6);
    expect(gap(moved!, [1.13, -2.1])).toBeLessThan(1e-6);
    const [nesterov] = run("SgdMomentumUpdate", inputs, { momentum: 0.9, nesterov: true, weightDecay: 0.5 });
    expect(gap(nesterov!, [1 - 0.05 + 0.117 - 0.05, -2 + 0.1 - 0.09 - 0.1])).toBeLessThan(1e-6);
  });

  test("the first step of adam is the learning rate in the direction of the sign", () => {
    const stepSize = tf.scalar(adamStepSize({ learningRate: 0.1, update: 1 }, adam));
    const zeros = tf.zeros([2]);
    const [next, m, v] = run("AdamUpdate", { weight, m: zeros, v: zeros, gradient, learningRate, stepSize }, adam);
    expect(gap(next!, [0.9, -2.1])).toBeLessThan(1e-5);
    expect(gap(m!, [0.05, 0.1])).toBeLessThan(1e-6);
    expect(gap(v!, [0.00025, 0.001])).toBeLessThan(1e-7);
  });

  test("ema moves by the share that is not kept", () => {
    const [next] = run("EmaUpdate", { average: weight, value: gradient }, { decay: 0.9 });
    expect(gap(next!, [0.95, -1.7])).toBeLessThan(1e-6);
  });

  test.each<[UpdateName, string[], Record<string, number | boolean>]>([
    ["SgdUpdate", ["gradient"], { weightDecay: 0.1 }],
    ["SgdMomentumUpdate", ["gradient"], { momentum: 0.9, nesterov: true, weightDecay: 0.1 }],
    ["AdamUpdate", ["gradient"], { ...adam, weightDecay: 0.1 }],
    ["EmaUpdate", ["value"], { decay: 0.9 }],
    ["AverageUpdate", ["value"], {}],
  ])("the loop that %s becomes on the host gives what the tensors do", (name, others, attributes) => {
    const { states, scalars } = updateOps[name]!;
    const size = 100;
    // Squares are not negative.
    const values = [...states, ...others].map((key, i) => [key, random([size], i + 1).map(Math.abs)] as const);
    const rates = scalars.map((key) => [key, Float32Array.of(0.01)] as const);
    const inputs = Object.fromEntries([
      ...values.map(([key, data]) => [key, tf.tensor1d(data.slice())] as const),
      ...rates.map(([key, data]) => [key, tf.scalar(data[0]!)] as const),
    ]);
    const expected = run(name, inputs, attributes);
    const operands = Object.fromEntries([...values, ...rates]);
    updateLoop(name, { attributes, operands: Object.keys(operands) })(operands);
    states.forEach((state, i) => expect(gap(operands[state]!, expected[i]!)).toBeLessThan(1e-6));
  });

  test("clipping keeps directions and leaves short gradients alone", () => {
    const [a, b] = clipByGlobalNorm([tf.tensor1d([3]), tf.tensor1d([0, 4])], 1);
    expect(gap([...a!.dataSync(), ...b!.dataSync()], [0.6, 0, 0.8])).toBeLessThan(1e-6);
    expect(gap(clipByGlobalNorm([tf.tensor1d([0.3])], 1)[0]!.dataSync(), [0.3])).toBeLessThan(1e-7);
  });
});
