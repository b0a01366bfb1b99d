/** The average of the weights: what the newest of them count for, step by step, against the recurrence by hand. */
import { compileTrainStep } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { averageShare } from "../dist/ops/updates/average-update.js";
import { generator } from "./nets.ts";

const DECAY = 0.8;

beforeAll(() => tf.setBackend("cpu"));

test("the newest weights count for 9 in 10 + updates until that is what the decay leaves", () => {
  const shares = [1, 8, 35, 36, 1000].map((update) => averageShare({ decay: DECAY, update }));
  expect(shares).toEqual([9 / 11, 9 / 18, 9 / 45, 1 - DECAY, 1 - DECAY]);
});

test.each(["cpu", "onnx"] as const)("a young average follows the weights on the engine %s", async (engine) => {
  const random = generator(5);
  const inputs = Float32Array.from({ length: 24 }, () => random() * 2 - 1);
  const labels = new Float32Array(18).map((_, i) => (i % 3 === Math.floor(i / 3) % 3 ? 1 : 0));
  const dense = tf.layers.dense({ name: "out", units: 3, activation: "softmax", inputShape: [4] });
  const step = await compileTrainStep({
    model: tf.sequential({ layers: [dense] }),
    engine,
    input: { scale: 1, offset: 0 },
    loss: { labelSmoothing: 0 },
    optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: DECAY },
    seed: 1,
  });
  const kernel = async () => {
    const { weights, slots } = await step.readState();
    return { weight: [...weights["out/kernel"]!.data], average: [...slots["ema/out/kernel"]!.data] };
  };
  const first = await kernel();
  expect(first.average).toEqual(first.weight);
  let expected = first.average;
  for (let update = 1; update <= 40; update++) {
    await step.step({ inputs, labels, count: 6 }, { learningRate: 0.5 });
    const { weight, average } = await kernel();
    const share = Math.max(1 - DECAY, 9 / (10 + update));
    expected = expected.map((value, i) => value + (weight[i]! - value) * share);
    average.forEach((value, i) => expect(value, `update ${update}`).toBeCloseTo(expected[i]!, 5));
  }
  step.dispose();
});
