/** What every architecture has to do; run over the registry, and open to architectures of one's own. */
import { createRequire } from "node:module";
import type * as TensorFlow from "@tensorflow/tfjs";
import { engines } from "../../dist/engine/index.js";
import type { Architecture } from "../../dist/architectures/index.js";
import { beforeAll, expect, test } from "vitest";

const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as typeof TensorFlow;

/** Weights as plain numbers. */
const weightsOf = (model: TensorFlow.LayersModel): number[][] =>
  model.getWeights().map((w) => Array.from(w.dataSync()));

/** Layer-qualified names, as they go into weight files. */
const namesOf = (model: TensorFlow.LayersModel): string[] => model.weights.map((weight) => weight.originalName);

export function testArchitecture(architecture: Architecture): void {
  const smallest = { size: architecture.minimumSize, channels: 1, classes: 3, seed: 5 } as const;

  beforeAll(async () => {
    await tf.setBackend("cpu");
  });

  test("has the stated number of parameters at 48x48x1 and seven classes", () => {
    const model = architecture.build();
    expect(model.countParams()).toBe(architecture.parameters);
    expect(model.inputs[0]!.shape).toEqual([null, 48, 48, 1]);
    expect(model.outputs[0]!.shape).toEqual([null, 7]);
    model.dispose();
  });

  test("takes colour images and any number of classes", () => {
    const model = architecture.build({ ...smallest, channels: 3, classes: 8 });
    expect(model.inputs[0]!.shape).toEqual([null, smallest.size, smallest.size, 3]);
    expect(model.outputs[0]!.shape).toEqual([null, 8]);
    model.dispose();
  });

  test("returns class probabilities", () => {
    const model = architecture.build(smallest);
    const output = tf.tidy(() =>
      model.predict(tf.randomUniform([2, smallest.size, smallest.size, 1], 0, 1, "float32", 3)),
    );
    const rows = (output as TensorFlow.Tensor2D).arraySync();
    for (const row of rows) {
      expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    }
    tf.dispose(output);
    model.dispose();
  });

  test("gives the same names and weights for the same seed, whatever was built before", () => {
    const first = architecture.build(smallest);
    const other = architecture.build({ ...smallest, seed: 6 });
    const second = architecture.build(smallest);
    expect(namesOf(second)).toEqual(namesOf(first));
    expect(second.layers.map((layer) => layer.name)).toEqual(first.layers.map((layer) => layer.name));
    expect(second.toJSON(null, false)).toEqual(first.toJSON(null, false));
    expect(weightsOf(second)).toEqual(weightsOf(first));
    expect(weightsOf(other)).not.toEqual(weightsOf(first));
    for (const model of [first, other, second]) model.dispose();
  });

  test("gives layers of one shape different weights", () => {
    const model = architecture.build(smallest);
    const kernels = model.weights
      .filter((weight) => weight.originalName.endsWith("/kernel"))
      .map((weight) => Array.from(weight.read().dataSync()).slice(0, 8).join(" "));
    expect(new Set(kernels).size).toBe(kernels.length);
    model.dispose();
  });

  test("survives its JSON", async () => {
    const model = architecture.build(smallest);
    const copy = await tf.models.modelFromJSON({ modelTopology: model.toJSON(null, false) as never });
    copy.setWeights(model.getWeights());
    const input = tf.randomUniform([2, smallest.size, smallest.size, 1], 0, 1, "float32", 3);
    const [a, b] = [model, copy].map((m) => Array.from((m.predict(input) as TensorFlow.Tensor).dataSync()));
    expect(b).toEqual(a);
    expect(namesOf(copy)).toEqual(namesOf(model));
    input.dispose();
    model.dispose();
    copy.dispose();
  });

  test("trains a step: every kernel, scale, shift and running mean moves, and nothing else breaks", async () => {
    const model = architecture.build(smallest);
    const step = await engines.wasm.prepare({
      model,
      input: { scale: 1 / 255, offset: 0 },
      loss: { labelSmoothing: 0 },
      optimizer: { name: "sgd", momentum: 0, nesterov: false, clipNorm: null, weightDecay: 0, ema: null },
      seed: 1,
    });
    const inputs = Float32Array.from({ length: 4 * smallest.size ** 2 }, (_, at) => (at * 7919) % 256);
    const labels = Float32Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0]);
    const before = (await step.readState()).weights;
    const { loss } = await step.step({ inputs, labels, count: 4 }, { learningRate: 0.1 });
    const after = (await step.readState()).weights;
    step.dispose();
    model.dispose();
    expect(Number.isFinite(loss)).toBe(true);
    const names = Object.keys(after);
    expect(names.filter((name) => !after[name]!.data.every(Number.isFinite))).toEqual([]);
    // The gradient of a bias before a batch norm is zero.
    const moving = names.filter((name) => /\/(kernel|gamma|beta|moving_mean)$/.test(name));
    expect(moving.length).toBeGreaterThan(3);
    expect(moving.filter((name) => after[name]!.data.every((value, at) => value === before[name]!.data[at]))).toEqual(
      [],
    );
  });

  test("refuses images that its pools would use up", () => {
    const size = architecture.minimumSize - 1;
    expect(() => architecture.build({ ...smallest, size })).toThrow(
      `${architecture.name}: images of ${size}x${size}. Expected at least ${size + 1}x${size + 1}.`,
    );
  });
}
