/** What every engine promises, run on each that is there. cpu, eager tfjs, is the reference. */
import { GraphError, compileTrainStep, type Batch, type PreparedStep, type StepState } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { engines, type StepOptions } from "./engines.ts";
import { batchOf, generator, smallNet, withSeededWeights } from "./nets.ts";

const optimizers: Record<string, StepOptions["optimizer"]> = {
  sgd: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
  "sgd, momentum": { name: "sgd", momentum: 0.9, nesterov: false, clipNorm: null, weightDecay: 0.01, ema: null },
  "sgd, nesterov, clipped": { name: "sgd", momentum: 0.9, nesterov: true, clipNorm: 0.5, weightDecay: 0, ema: null },
  adam: { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: null, weightDecay: 0, ema: null },
  "sgd, sharpness-aware": {
    name: "sgd",
    momentum: 0.9,
    nesterov: true,
    clipNorm: null,
    weightDecay: 0,
    ema: null,
    sam: 0.05,
  },
  "sgd, in two parts": {
    name: "sgd",
    momentum: 0.9,
    nesterov: true,
    clipNorm: 0.5,
    weightDecay: 0.01,
    ema: 0.9,
    accumulate: 2,
  },
  "muon, averaged": {
    name: "muon",
    beta: 0.9,
    steps: 3,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-7,
    clipNorm: null,
    weightDecay: 0.05,
    ema: 0.9,
  },
  "adamw, clipped, averaged": {
    name: "adam",
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-7,
    clipNorm: 1,
    weightDecay: 0.05,
    ema: 0.9,
  },
};

const options = (model: tf.LayersModel, optimizer = optimizers.adam!): StepOptions => ({
  model,
  input: { scale: 1 / 127.5, offset: -1 },
  loss: { labelSmoothing: 0.1 },
  optimizer,
  seed: 5,
});

const rate = { learningRate: 0.01 };

/** Without batch norm and dropout, for which the parts of a batch are batches. */
const plainNet = (): tf.LayersModel =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "conv", inputShape: [12, 12, 1], filters: 4, kernelSize: 3, activation: "relu" }),
      tf.layers.maxPooling2d({ name: "pool", poolSize: 2 }),
      tf.layers.flatten({ name: "flat" }),
      tf.layers.dense({
        name: "out",
        units: 3,
        activation: "softmax",
        kernelRegularizer: tf.regularizers.l2({ l2: 1e-2 }),
      }),
    ],
  });

async function losses(step: PreparedStep, batches: Batch[]): Promise<number[]> {
  const found: number[] = [];
  for (const batch of batches) found.push((await step.step(batch, rate)).loss);
  return found;
}

/** Largest difference of two states, relative to the largest value of each tensor. */
function distance(a: StepState, b: StepState): number {
  let worst = 0;
  for (const kind of ["weights", "slots"] as const) {
    expect(Object.keys(a[kind])).toEqual(Object.keys(b[kind]));
    for (const [name, { data }] of Object.entries(b[kind])) {
      const found = a[kind][name]!.data;
      const scale = Math.max(1e-3, ...data.map(Math.abs));
      worst = Math.max(worst, ...data.map((value, i) => Math.abs(value - found[i]!) / scale));
    }
  }
  return worst;
}

describe.each(engines)("engine $name", ({ available, prepare, name }) => {
  describe.skipIf(!available)("where it is", () => {
    let model: tf.LayersModel;
    const steps: PreparedStep[] = [];
    const prepared = async (...args: Parameters<typeof options>): Promise<PreparedStep> => {
      const step = await prepare(options(...args));
      steps.push(step);
      return step;
    };

    beforeAll(async () => {
      await tf.setBackend("cpu");
      model = withSeededWeights(smallNet(), 1);
    });
    afterEach(() => {
      for (const step of steps.splice(0)) step.dispose();
    });

    test.each(Object.entries(optimizers))("trains as eager tfjs does: %s", async (_, optimizer) => {
      const batches = [batchOf(6, 1), batchOf(6, 2), batchOf(3, 3), batchOf(6, 4)];
      const reference = await compileTrainStep({ ...options(model, optimizer), engine: "cpu" });
      const step = await prepared(model, optimizer);
      const expected = await losses(reference, batches);
      const found = await losses(step, batches);
      found.forEach((loss, i) => expect(Math.abs(loss - expected[i]!) / expected[i]!).toBeLessThan(1e-5));
      // Adam divides by the root of tiny second moments in the first steps: rounding of gradients shows in the weights.
      expect(distance(await step.readState(), await reference.readState())).toBeLessThan(2e-3);
      const { inputs } = batchOf(5, 9);
      const [a, b] = [await step.predict(inputs, 5), await reference.predict(inputs, 5)];
      a.forEach((p, i) => expect(Math.abs(p - b[i]!)).toBeLessThan(1e-4));
      reference.dispose();
    });

    test("trains as eager tfjs does: focal loss", async () => {
      const focal = { ...options(model), loss: { labelSmoothing: 0.1, focal: 2 } };
      const batches = [batchOf(6, 1), batchOf(6, 2)];
      const reference = await compileTrainStep({ ...focal, engine: "cpu" });
      const step = await prepare(focal);
      steps.push(step);
      const expected = await losses(reference, batches);
      (await losses(step, batches)).forEach((loss, i) => expect(loss).toBeCloseTo(expected[i]!, 4));
      expect(distance(await step.readState(), await reference.readState())).toBeLessThan(2e-3);
      reference.dispose();
    });

    test.each(["sgd, nesterov, clipped", "adamw, clipped, averaged"])(
      "makes the update of a large batch from parts of it: %s",
      async (name) => {
        const plain = withSeededWeights(plainNet(), 3);
        const whole = await prepared(plain, optimizers[name]);
        const parted = await prepared(plain, { ...optimizers[name]!, accumulate: 3 });
        const random = generator(7);
        for (const [count, seed] of [
          [8, 1],
          [2, 2],
          [7, 3],
        ] as const) {
          const batch = { ...batchOf(count, seed), weights: Float32Array.from({ length: count }, random) };
          const [expected, found] = [await whole.step(batch, rate), await parted.step(batch, rate)];
          expect(Math.abs(found.loss - expected.loss)).toBeLessThan(1e-6);
          expect(found.correct).toBe(expected.correct);
        }
        const [expected, found] = [await whole.readState(), await parted.readState()];
        expect(found.step).toBe(3);
        expect(Object.keys(found)).toEqual(Object.keys(expected));
        // The order of float32 sums; Adam divides small gradients by their own size.
        expect(distance(found, expected)).toBeLessThan(name.startsWith("sgd") ? 2e-6 : 2e-4);
      },
    );

    test("leaves nothing of an update whose last part fails", async () => {
      const step = await prepared(model, optimizers["sgd, in two parts"]);
      const twin = await prepared(model, optimizers["sgd, in two parts"]);
      const [good, next] = [batchOf(6, 1), batchOf(6, 2)];
      await losses(step, [good]);
      const before = await step.readState();
      const inputs = Float32Array.from(next.inputs).fill(3e38, 5 * 144, 5 * 144 + 9);
      await expect(step.step({ ...next, inputs }, rate)).rejects.toMatchObject({ code: "LOSS_NOT_FINITE" });
      expect(await step.readState()).toEqual(before);
      expect(await losses(step, [next])).toEqual((await losses(twin, [good, next])).slice(1));
      expect(await step.readState()).toEqual(await twin.readState());
    });

    test("takes inputs of another shape, with the same weights and slots", async () => {
      const pooled = (size: number): tf.LayersModel =>
        tf.sequential({
          layers: [
            tf.layers.conv2d({ name: "conv", inputShape: [size, size, 1], filters: 4, kernelSize: 3, strides: 2 }),
            tf.layers.batchNormalization({ name: "bn" }),
            tf.layers.globalAveragePooling2d({ name: "pool" } as never),
            tf.layers.dense({ name: "out", units: 3, activation: "softmax" }),
          ],
        });
      const [large, small] = [withSeededWeights(pooled(12), 4), withSeededWeights(pooled(9), 4)];
      const batch = batchOf(5, 1, 81);
      const own = await prepared(small, optimizers.adam);
      const other = await prepare({ ...options(large, optimizers.adam), inputShape: [9, 9, 1] });
      steps.push(other);
      expect(await losses(other, [batch, batch])).toEqual(await losses(own, [batch, batch]));
      expect(await other.readState()).toEqual(await own.readState());
      // and back, in the state it is in
      const grown = await prepared(large, optimizers.adam);
      await grown.writeState(await other.readState());
      expect((await losses(grown, [batchOf(5, 2)]))[0]).toBeGreaterThan(0);
      await expect(grown.step(batch, rate)).rejects.toMatchObject({ code: "BATCH_SHAPE" });
    });

    test("refuses a shape that other weights belong to", async () => {
      const found = await prepare({ ...options(model), inputShape: [8, 8, 1] }).then(
        () => "it was taken",
        (error: GraphError) => error.message.replace(model.name, "net"),
      );
      expect(found).toBe(
        'model "net" for inputs [8, 8, 1]: hidden/kernel is [20, 8], and [45, 8] for [12, 12, 1]. Expected the weights that it has.',
      );
      await expect(prepare({ ...options(model), inputShape: [0, 0, 1] })).rejects.toMatchObject({
        code: "INPUT_SHAPE",
      });
    });

    test("counts correct rows and weighs samples", async () => {
      const batch = batchOf(6, 1);
      const zero = { ...batch, weights: new Float32Array(6) };
      const half = { ...batch, weights: new Float32Array(6).fill(0.5) };
      const [plain, none, halved] = [await prepared(model), await prepared(model), await prepared(model)];
      const whole = await plain.step(batch, { learningRate: 0 });
      expect(whole.correct).toBeGreaterThanOrEqual(0);
      expect(whole.correct).toBeLessThanOrEqual(6);
      // What is left is the L2 regularizer.
      const rest = (await none.step(zero, { learningRate: 0 })).loss;
      expect(rest).toBeGreaterThan(0);
      expect(rest).toBeLessThan(whole.loss);
      const { loss } = await halved.step(half, { learningRate: 0 });
      expect(Math.abs(loss - (whole.loss + rest) / 2)).toBeLessThan(1e-5);
    });

    test("takes uint8 and float32 inputs alike", async () => {
      const batch = batchOf(4, 1);
      const [bytes, floats] = [await prepared(model), await prepared(model)];
      const a = await bytes.step(batch, rate);
      const b = await floats.step({ ...batch, inputs: Float32Array.from(batch.inputs) }, rate);
      expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-6);
    });

    test("goes on from a written state as if it had never stopped", async () => {
      const batches = [batchOf(4, 1), batchOf(4, 2), batchOf(4, 3), batchOf(4, 4)];
      const [whole, first, second] = [await prepared(model), await prepared(model), await prepared(model)];
      const expected = await losses(whole, batches);
      await losses(first, batches.slice(0, 2));
      await second.writeState(await first.readState());
      expect(await losses(second, batches.slice(2))).toEqual(expected.slice(2));
    });

    test("leaves a state that was written, and batches, alone", async () => {
      const step = await prepared(model);
      await losses(step, [batchOf(4, 1)]);
      // Many copies: whether a runtime shares the memory of an array may depend on its address.
      const states = await Promise.all(Array.from({ length: 20 }, () => step.readState()));
      for (const state of states) {
        const before = structuredClone(state);
        const batch = batchOf(4, 2);
        await step.writeState(state);
        await losses(step, [batch, batch]);
        expect(state).toEqual(before);
        expect(batch).toEqual(batchOf(4, 2));
      }
    });

    test("is deterministic", async () => {
      const batches = [batchOf(4, 1), batchOf(4, 2), batchOf(4, 3)];
      const [a, b] = [await prepared(model), await prepared(model)];
      expect(await losses(a, batches)).toEqual(await losses(b, batches));
    });

    test("leaves the model alone", async () => {
      const before = model.getWeights().map((weight) => Array.from(weight.dataSync()));
      await losses(await prepared(model), [batchOf(4, 1)]);
      expect(model.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(before);
    });

    test("refuses a step whose loss is not finite and keeps its state", async () => {
      const step = await prepared(model);
      await losses(step, [batchOf(4, 1)]);
      const before = await step.readState();
      const batch = batchOf(4, 2);
      // Finite inputs whose variance is not: ReLU and max pool drop the NaN on some engines, the statistics keep it.
      const bad = { ...batch, inputs: Float32Array.from(batch.inputs).fill(3e38, 0, 9) };
      const error = await step.step(bad, rate).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(GraphError);
      expect((error as GraphError).message).toMatch(
        /^step 1: the loss is (NaN|Infinity)\. Expected a finite number\. Lower the learning rate, clip the gradients, or look for NaN in inputs and labels\. The state is unchanged\.$/,
      );
      expect(await step.readState()).toEqual(before);
      expect((await step.step(batch, rate)).loss).toBeLessThan(10);
    });

    test("refuses a batch of the wrong size", async () => {
      const step = await prepared(model);
      const batch = batchOf(4, 1);
      const message = async (wrong: Partial<Batch>): Promise<string> =>
        step.step({ ...batch, ...wrong }, rate).then(
          () => "it ran",
          (error: GraphError) => error.message,
        );
      expect(await message({ count: 5 })).toMatchInlineSnapshot(
        `"batch of 5: inputs has 576 values. Expected 5 x 12 x 12 x 1. Pass whole rows, row-major, and their number as count."`,
      );
      expect(await message({ labels: new Float32Array(3) })).toMatchInlineSnapshot(
        `"batch of 4: labels has 3 values. Expected 4 x 3. Pass whole rows, row-major, and their number as count."`,
      );
      expect(await message({ count: 0 })).toMatchInlineSnapshot(
        `"batch: count is 0. Expected at least 1. Pass the number of rows as count."`,
      );
    });

    test("refuses inputs, labels and weights that are not finite, naming the row", async () => {
      const step = await prepared(model);
      const batch = batchOf(4, 1);
      const inputs = Float32Array.from(batch.inputs).fill(Number.NaN, 300, 301);
      await expect(step.step({ ...batch, inputs }, rate)).rejects.toThrowErrorMatchingInlineSnapshot(
        `[GraphError: batch of 4: inputs holds NaN in row 2. Expected finite numbers. Look at where the row comes from.]`,
      );
      const weights = Float32Array.of(1, 1, 1, Number.POSITIVE_INFINITY);
      await expect(step.step({ ...batch, weights }, rate)).rejects.toThrowErrorMatchingInlineSnapshot(
        `[GraphError: batch of 4: weights holds Infinity in row 3. Expected finite numbers. Look at where the row comes from.]`,
      );
    });

    test("refuses a state of another model", async () => {
      const step = await prepared(model);
      const state = await step.readState();
      delete state.weights["out/bias"];
      await expect(step.writeState(state)).rejects.toThrowErrorMatchingInlineSnapshot(
        `[GraphError: state.weights["out/bias"]: it is missing. Expected [3]. Write a state that was read from a step of the same model and optimizer.]`,
      );
    });

    test("frozen, predicts the same of any number of rows, and refuses to be changed", async () => {
      const step = await prepared(model);
      const frozen = await prepare({ ...options(model), frozen: true });
      steps.push(frozen);
      for (const count of [1, 2, 3, 5, 21]) {
        const { inputs } = batchOf(count, count);
        const expected = await step.predict(inputs, count);
        const found = await frozen.predict(inputs, count);
        expect(found).toHaveLength(expected.length);
        found.forEach((p, i) => expect(Math.abs(p - expected[i]!)).toBeLessThan(1e-5));
      }
      const message = "prepared step: it is frozen: its weights do not change. Prepare one that is not frozen.";
      await expect(frozen.step(batchOf(4, 1), rate)).rejects.toThrow(message);
      await expect(frozen.writeState(await step.readState())).rejects.toThrow(message);
    });

    test("can be disposed twice and not used afterwards", async () => {
      const step = await prepared(model);
      await losses(step, [batchOf(4, 1)]);
      step.dispose();
      step.dispose();
      const message = "prepared step: it was disposed. Prepare a new one.";
      await expect(step.step(batchOf(4, 1), rate)).rejects.toThrow(message);
      await expect(step.predict(batchOf(4, 1).inputs, 4)).rejects.toThrow(message);
      await expect(step.readState()).rejects.toThrow(message);
    });

    test("keeps the number of tensors flat, and gives all back", async () => {
      const start = tf.memory().numTensors;
      const step = await prepare(options(model));
      await losses(step, [batchOf(4, 1)]);
      await step.predict(batchOf(4, 1).inputs, 4);
      const { numTensors } = tf.memory();
      for (let i = 0; i < 20; i++) {
        await step.step(batchOf(4, i), rate);
        await step.predict(batchOf(4, i).inputs, 4);
      }
      expect(tf.memory().numTensors).toBe(numTensors);
      step.dispose();
      expect(tf.memory().numTensors).toBe(start);
    });

    test("leaves the backend that was set", async () => {
      expect(tf.getBackend()).toBe("cpu");
      await losses(await prepared(model), [batchOf(4, 1)]);
      expect(tf.getBackend()).toBe("cpu");
    });

    test.skipIf(name === "cpu")("predicts any number of rows", async () => {
      const step = await prepared(model);
      const reference = await compileTrainStep({ ...options(model), engine: "cpu" });
      const { inputs } = batchOf(13, 3);
      const [a, b] = [await step.predict(inputs, 13), await reference.predict(inputs, 13)];
      expect(a.length).toBe(39);
      a.forEach((p, i) => expect(Math.abs(p - b[i]!)).toBeLessThan(1e-6));
      reference.dispose();
    });
  });
});
