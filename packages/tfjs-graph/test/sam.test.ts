/** A step of sharpness-aware minimization, against one by hand. */
import { compileTrainStep } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { generator } from "./nets.ts";

const [ROWS, INPUTS, CLASSES, RADIUS, RATE] = [5, 4, 3, 0.3, 0.5];

/** Gradient of the mean cross-entropy of `softmax(x w + b)`. */
function gradientAt({ w, b }: { w: number[]; b: number[] }, { x, y }: { x: Float32Array; y: Float32Array }) {
  const [dw, db] = [w.map(() => 0), b.map(() => 0)];
  for (let row = 0; row < ROWS; row++) {
    const logits = b.map((bias, c) =>
      Array.from({ length: INPUTS }, (_, i) => x[row * INPUTS + i]! * w[i * CLASSES + c]!).reduce(
        (p, q) => p + q,
        bias,
      ),
    );
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    for (let c = 0; c < CLASSES; c++) {
      const slope = (Math.exp(logits[c]!) / sum - y[row * CLASSES + c]!) / ROWS;
      db[c]! += slope;
      for (let i = 0; i < INPUTS; i++) dw[i * CLASSES + c]! += slope * x[row * INPUTS + i]!;
    }
  }
  return { dw, db };
}

beforeAll(() => tf.setBackend("cpu"));

test("the gradient is that at the top of the hill nearby", async () => {
  const random = generator(3);
  const x = Float32Array.from({ length: ROWS * INPUTS }, () => random() * 2 - 1);
  const y = new Float32Array(ROWS * CLASSES);
  for (let row = 0; row < ROWS; row++) y[row * CLASSES + (row % CLASSES)] = 1;
  const model = tf.sequential({
    layers: [tf.layers.dense({ name: "out", units: CLASSES, activation: "softmax", inputShape: [INPUTS] })],
  });
  const [w, b] = model.getWeights().map((weight) => Array.from(weight.dataSync())) as [number[], number[]];
  const step = await compileTrainStep({
    model,
    engine: "cpu",
    input: { scale: 1, offset: 0 },
    loss: { labelSmoothing: 0 },
    optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null, sam: RADIUS },
    seed: 1,
  });
  await step.step({ inputs: x, labels: y, count: ROWS }, { learningRate: RATE });
  const { weights } = await step.readState();
  step.dispose();

  const here = gradientAt({ w, b }, { x, y });
  const norm = Math.sqrt([...here.dw, ...here.db].reduce((sum, value) => sum + value ** 2, 0));
  const uphill = (value: number, slope: number): number => value + (RADIUS * slope) / norm;
  const top = {
    w: w.map((value, i) => uphill(value, here.dw[i]!)),
    b: b.map((value, i) => uphill(value, here.db[i]!)),
  };
  const there = gradientAt(top, { x, y });
  for (const [name, before, slope] of [
    ["out/kernel", w, there.dw],
    ["out/bias", b, there.db],
  ] as const) {
    const found = weights[name]!.data;
    before.forEach((value, i) => expect(found[i]).toBeCloseTo(value - RATE * slope[i]!, 5));
  }
});
