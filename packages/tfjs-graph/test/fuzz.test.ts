/**
 * Random small networks: three training steps and a prediction on every engine against eager tfjs on cpu.
 *
 *     FUZZ_NETS=500 FUZZ_SEED=1000 pnpm vitest run packages/tfjs-graph/test/fuzz.test.ts
 *
 * A seed that fails names itself; once fixed it joins `regressions`.
 */
import { prepareEager, type Batch } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { engines, type StepOptions } from "./engines.ts";
import { batchOf, withSeededWeights } from "./nets.ts";
import { blockNames, dice, randomNet } from "./random-net.ts";

const count = Number(process.env.FUZZ_NETS ?? 24);
const first = Number(process.env.FUZZ_SEED ?? 1);

/** Seeds that failed once, and what was wrong. */
const regressions: [seed: number, what: string][] = [
  [10, "onnx: operands of different rank, in PReLU and its gradient"],
  [38, "wasm: ties in max pooling"],
  [1059, "onnx: a pad as large as the window of the pool behind it"],
  [1083, "wasm: a stride larger than the filter, with same padding"],
];

function optionsOf(seed: number, model: tf.LayersModel): StepOptions {
  const roll = dice(seed + 7919);
  const shared = {
    clipNorm: roll.pick([null, 0.5]),
    weightDecay: roll.pick([0, 0.02]),
    ema: roll.pick([null, 0.9]),
  };
  const sgd = { name: "sgd" as const, momentum: roll.pick([0, 0.9]), nesterov: roll.chance(0.5), ...shared };
  // A large epsilon: Adam's first steps have the sign of the gradient, and rounding decides the sign of a tiny one.
  const adam = { name: "adam" as const, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, ...shared };
  return {
    model,
    input: roll.pick([
      { scale: 1, offset: 0 },
      { scale: 1 / 127.5, offset: -1 },
    ]),
    loss: { labelSmoothing: roll.pick([0, 0.1]) },
    optimizer: roll.pick([sgd, adam]),
    seed,
  };
}

function batches(seed: number, model: tf.LayersModel): Batch[] {
  const row = tf.util.sizeFromShape(model.inputs[0]!.shape.slice(1) as number[]);
  const weighted = { ...batchOf(4, seed + 1, row), weights: Float32Array.of(1, 0.5, 2, 0) };
  return [batchOf(4, seed, row), weighted, batchOf(3, seed + 2, row)];
}

async function trainings(seed: number): Promise<void> {
  await tf.setBackend("cpu");
  const { model } = randomNet(seed);
  withSeededWeights(model, seed);
  const options = optionsOf(seed, model);
  const steps = batches(seed, model);
  const run = async (prepare: (o: StepOptions) => ReturnType<typeof prepareEager>) => {
    const step = await prepare(options);
    try {
      const losses: number[] = [];
      for (const batch of steps) losses.push((await step.step(batch, { learningRate: 0.01 })).loss);
      return { losses, probabilities: await step.predict(steps[0]!.inputs, 4) };
    } finally {
      step.dispose();
    }
  };
  const expected = await run((o) => prepareEager({ ...o, backend: "cpu" }));
  for (const { name, available, prepare } of engines) {
    if (!available || name === "cpu") continue;
    const found = await run(prepare);
    // Wrong gradients are wrong by percents; what rounding at the kinks of ReLU and pools does is below this.
    found.losses.forEach((loss, i) => {
      expect(Math.abs(loss / expected.losses[i]! - 1), `seed ${seed}, ${name}, step ${i}`).toBeLessThan(5e-4);
    });
    // A bias in front of batch normalization moves by the rounding of its gradient, which is zero; averages see that.
    found.probabilities.forEach((p, i) => {
      expect(Math.abs(p - expected.probabilities[i]!), `seed ${seed}, ${name}, prediction`).toBeLessThan(1e-2);
    });
  }
  model.dispose();
}

describe("random networks", () => {
  test.each(Array.from({ length: count }, (_, i) => first + i))("net %i trains alike on every engine", async (seed) => {
    await expect(trainings(seed)).resolves.toBeUndefined();
  });

  test("draw every kind of block", () => {
    const drawn = new Set(Array.from({ length: 100 }, (_, i) => randomNet(i + 1).blocks).flat());
    expect(blockNames.filter((name) => !drawn.has(name))).toEqual([]);
  });
});

describe("networks that failed once", () => {
  test.each(regressions)("net %i: %s", async (seed) => {
    await expect(trainings(seed)).resolves.toBeUndefined();
  });
});
