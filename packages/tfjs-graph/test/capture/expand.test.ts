import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { capture } from "../../dist/capture/capture.js";
import { expand } from "../../dist/capture/expand.js";
import type { Graph } from "../../dist/capture/graph.js";
import { print } from "../../dist/capture/print.js";
import { batchNormTrain, softmaxCrossEntropy } from "../../dist/ops/index.js";

const ops = ({ nodes }: Graph): string[] => [...new Set(nodes.map(({ op }) => op))].sort();

/** Every value has one maker, which comes before its readers. */
function expectExecutable(graph: Graph): void {
  const made = [...graph.inputs, ...graph.constants, ...graph.variables].map(({ value }) => value.id);
  for (const { inputs, outputs } of graph.nodes) {
    for (const { id } of Object.values(inputs)) expect(made).toContain(id);
    for (const { id } of outputs) expect(made).not.toContain(id);
    made.push(...outputs.map(({ id }) => id));
  }
  for (const { value } of graph.outputs) expect(made).toContain(value.id);
}

const crossEntropy = (): Graph =>
  capture(
    (logits, labels) => softmaxCrossEntropy(logits as tf.Tensor2D, labels as tf.Tensor2D),
    [
      { name: "logits", shape: [4, 7] },
      { name: "labels", shape: [4, 7] },
    ],
  );

test("an op that the target has no rule for becomes what it is composed of", () => {
  const graph = crossEntropy();
  expect(ops(graph)).toEqual(["SoftmaxCrossEntropy"]);
  const expanded = expand(graph, {});
  expect(print(expanded)).toMatchInlineSnapshot(`
    "input logits %0: float32[4,7]
    input labels %1: float32[4,7]
    %4: float32[4,1] = Max(x=%0) {axes=[1], keepDims=true}
    %5: float32[4,7] = Sub(a=%0, b=%4)
    %6: float32[4,7] = Exp(x=%5)
    %7: float32[4,1] = Sum(x=%6) {axes=[1], keepDims=true}
    %8: float32[4,1] = Log(x=%7)
    %9: float32[4,7] = Sub(a=%8, b=%5)
    %10: float32[4,7] = Multiply(a=%9, b=%1)
    %11: float32[4] = Sum(x=%10) {axes=[1], keepDims=false}
    output 0 %11: float32[4]"
  `);
  expectExecutable(expanded);
});

test("one that it has a rule for stays", () => {
  const graph = crossEntropy();
  expect(expand(graph, { SoftmaxCrossEntropy: true })).toBe(graph);
});

test("ops of several outputs, in the middle of a graph and with their gradients", () => {
  const run = (x: tf.Tensor): tf.Tensor[] => {
    const gamma = tf.ones([3]);
    const beta = tf.zeros([3]);
    const loss = (input: tf.Tensor): tf.Scalar => batchNormTrain({ x: input, gamma, beta }, 1e-3).y.square().sum();
    return [loss(x), tf.grad(loss)(x)];
  };
  const graph = capture(run, [{ name: "x", shape: [8, 3] }]);
  expect(ops(graph)).toEqual(expect.arrayContaining(["BatchNormTrain", "BatchNormTrainGrad"]));
  const onlyForward = expand(graph, { BatchNormTrainGrad: true });
  expect(ops(onlyForward)).toContain("BatchNormTrainGrad");
  expect(ops(onlyForward)).not.toContain("BatchNormTrain");
  const expanded = expand(graph, {});
  expect(ops(expanded).filter((op) => op.startsWith("BatchNorm"))).toEqual([]);
  for (const made of [onlyForward, expanded]) {
    expectExecutable(made);
    expect(made.outputs.map(({ value }) => value.shape)).toEqual([[], [8, 3]]);
  }
});
