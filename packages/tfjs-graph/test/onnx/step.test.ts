/** What is peculiar to ONNX: peepholes, in-place updates, refusals. What every engine promises is in engines.test.ts. */
import { capture, compileGraph, compileTrainStep, type Peephole, type TrainStepSettings } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import type { StepOptions } from "../engines.ts";
import { batchOf, withSeededWeights } from "../nets.ts";
import { rebuild } from "../../dist/layers/rebuild.js";
import { OnnxTarget } from "../../dist/onnx/target.js";
import { peepholesOf } from "../../dist/peepholes/index.js";
import { captureUpdate } from "../../dist/train/capture-train-step.js";
import { TrainStep } from "../../dist/train/train-step.js";

let model: tf.LayersModel;

/** Every peephole applies somewhere in it. */
function net(): tf.LayersModel {
  const { layers } = tf;
  return tf.sequential({
    layers: [
      layers.conv2d({ name: "conv", inputShape: [12, 12, 1], filters: 4, kernelSize: 3, padding: "same" }),
      layers.batchNormalization({ name: "norm" }),
      layers.activation({ name: "relu", activation: "relu" }),
      layers.maxPooling2d({ name: "pool", poolSize: 2 }),
      layers.conv2d({ name: "last", filters: 4, kernelSize: 3, activation: "relu" }),
      layers.flatten({ name: "flat" }),
      layers.dropout({ name: "drop", rate: 0.5 }),
      layers.dense({ name: "out", units: 3, activation: "softmax" }),
    ],
  });
}

beforeAll(async () => {
  await tf.setBackend("cpu");
  model = withSeededWeights(net(), 3);
});

const options = (): StepOptions & { engine: "onnx" } => ({
  engine: "onnx",
  model,
  input: { scale: 1 / 255, offset: 0 },
  loss: { labelSmoothing: 0 },
  optimizer: { name: "sgd", momentum: 0.9, nesterov: true, clipNorm: null, weightDecay: 0.01, ema: 0.9 },
  seed: 1,
});

async function train(more: Partial<TrainStepSettings> = {}) {
  const step = await compileTrainStep({ ...options(), ...more });
  const losses: number[] = [];
  for (let i = 0; i < 4; i++) losses.push((await step.step(batchOf(6, i), { learningRate: 0.05 })).loss);
  const result = { losses, opCounts: { ...step.opCounts }, state: await step.readState() };
  step.dispose();
  return result;
}

/** One update as onnxruntime is given it. */
async function program(off: Peephole[]) {
  const { model: original, optimizer, input, loss, seed } = options();
  const step = new TrainStep({ optimizer, input, loss, seed, model: await rebuild(original) });
  const graph = captureUpdate(step, { count: 6, dtype: "uint8" });
  step.dispose();
  return new OnnxTarget("cpu", off).lower({ name: "update", graph, guard: "loss" });
}

describe("peepholes", () => {
  test.each(peepholesOf("onnx"))("%s changes the graph and not the numbers", async (name) => {
    expect(await program([])).not.toEqual(await program([name]));
    const [on, off] = [await train(), await train({ peepholesOff: [name] })];
    on.losses.forEach((loss, i) => expect(Math.abs(loss / off.losses[i]! - 1)).toBeLessThan(1e-5));
    for (const [weight, { data }] of Object.entries(off.state.weights)) {
      const found = on.state.weights[weight]!.data;
      data.forEach((value, i) => expect(Math.abs(value - found[i]!)).toBeLessThan(1e-5));
    }
  });
});

test("the step that runs is a compiled one: gradients are convolutions and products, updates are on the host", async () => {
  const { opCounts } = await train();
  // Two forward, one input gradient; the first layer needs none.
  expect(opCounts.Conv).toBe(3);
  expect(opCounts.Gemm).toBeGreaterThanOrEqual(3);
  const inGraph = await train({ peepholesOff: ["host-updates"] });
  expect(inGraph.opCounts.Mul! - opCounts.Mul!).toBeGreaterThan(20);
});

test("refuses an op without a rule, naming the engines that can run it", async () => {
  const graph = capture((x) => ({ y: tf.tan(x) }), [{ name: "x", shape: [2] }]);
  await expect(compileGraph(graph, { engine: "onnx" })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[GraphError: op Tan: onnxruntime has no rule for the op Tan. Expected ops of the coverage list in the README of @fer/tfjs-graph. The eager engines wasm and cpu can run it.]`,
  );
});

test("a compiled graph takes over what it assigns, and gives it out", async () => {
  const counter = tf.variable(tf.scalar(1), false, "counter");
  const total = tf.variable(tf.tensor1d([0, 0]), false, "total");
  const graph = capture(
    (x) => {
      total.assign(total.add(x.mul(counter)));
      counter.assign(counter.add(1));
      return { sum: total.sum() };
    },
    [{ name: "x", shape: [2] }],
  );
  const compiled = await compileGraph(graph, { engine: "onnx" });
  const x = Float32Array.of(1, 10);
  expect(Array.from((await compiled.run({ x })).sum!)).toEqual([11]);
  expect(Array.from((await compiled.run({ x })).sum!)).toEqual([33]);
  const { counter: count, total: sums } = await compiled.variables();
  expect([Array.from(count!.data), Array.from(sums!.data)]).toEqual([[3], [3, 30]]);
  expect(Array.from(total.dataSync())).toEqual([0, 0]);
  await compiled.dispose();
  await compiled.dispose();
  await expect(compiled.run({ x })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[GraphError: prepared step: it was disposed. Prepare a new one.]`,
  );
});

test("refuses inputs of the wrong size and variables that are not float32", async () => {
  const compiled = await compileGraph(
    capture((x) => ({ y: tf.relu(x) }), [{ name: "x", shape: [2, 2] }]),
    { engine: "onnx" },
  );
  await expect(compiled.run({ x: new Float32Array(3) })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[GraphError: input "x": it has 3 values. Expected 4, for shape [2, 2].]`,
  );
  await expect(compiled.run({})).rejects.toThrowErrorMatchingInlineSnapshot(
    `[GraphError: input "x": it is missing. Expected 4, for shape [2, 2].]`,
  );
  await compiled.dispose();
  const steps = tf.variable(tf.scalar(1, "int32"), false, "steps");
  const graph = capture((x) => ({ y: x.mul(steps.cast("float32")) }), [{ name: "x", shape: [2] }]);
  await expect(compileGraph(graph, { engine: "onnx" })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[GraphError: variable "steps": its type is int32. Expected float32. Pass it as an input and take it out as an output.]`,
  );
});
