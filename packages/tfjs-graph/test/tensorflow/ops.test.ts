/** Every rule of the TensorFlow lowering against eager tfjs, with all peepholes and with none. */
import { compileGraph } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { checkOp, opCases, type OpCase, trainedOps } from "../op-cases.ts";
import { tensorFlow } from "../engines.ts";
import { peepholesOf } from "../../dist/peepholes/index.js";
import { rules } from "../../dist/tensorflow/ops/index.js";

const inside = (random: () => number): number => random() * 1.6 - 0.8;
const positive = (random: () => number): number => random() * 3 + 0.5;

/** Ops that this lowering has and ONNX' has not. */
const moreCases: Record<string, OpCase> = {
  tan: { shapes: [[3, 4]], run: (x) => tf.tan(x), values: inside },
  sinh: { shapes: [[3, 4]], run: (x) => tf.sinh(x) },
  cosh: { shapes: [[3, 4]], run: (x) => tf.cosh(x) },
  atan: { shapes: [[3, 4]], run: (x) => tf.atan(x) },
  asin: { shapes: [[3, 4]], run: (x) => tf.asin(x), values: inside },
  acos: { shapes: [[3, 4]], run: (x) => tf.acos(x), values: inside },
  mod: { shapes: [[3, 4], [4]], run: (a, b) => tf.mod(a, b), values: positive, gradient: false },
  atan2: {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (a, b) => tf.atan2(a, b),
    values: positive,
  },
  "logical xor": {
    shapes: [
      [3, 4],
      [3, 4],
    ],
    gradient: false,
    run: (a, b) => tf.logicalXor(a.greater(0), b.greater(0)).cast("float32"),
  },
  "is finite": {
    shapes: [[3, 4]],
    gradient: false,
    run: (x) => tf.stack([tf.isFinite(x.log()), tf.isInf(tf.relu(x).log())]).cast("float32"),
  },
  cumsum: { shapes: [[3, 4]], run: (x) => tf.cumsum(x, 1, true, true) },
  "depth to space": {
    shapes: [[2, 3, 2, 8]],
    gradient: false,
    run: (x) => tf.depthToSpace(x as tf.Tensor4D, 2),
  },
  "space to batch": {
    shapes: [[2, 4, 6, 3]],
    run: (x) =>
      tf.spaceToBatchND(
        x,
        [2, 3],
        [
          [0, 0],
          [2, 1],
        ],
      ),
  },
  "batch to space": {
    shapes: [[8, 2, 3, 2]],
    run: (x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 1],
          [1, 0],
        ],
      ),
  },
};

/** Captured ops that a case has used. */
const seen = new Set<string>();

describe.skipIf(tensorFlow === null).each([
  { which: "all peepholes", peepholesOff: [] },
  { which: "no peephole", peepholesOff: peepholesOf("tensorflow") },
])("in TensorFlow, with $which", ({ peepholesOff }) => {
  test.each(Object.entries({ ...opCases, ...moreCases }))("%s is that of eager tfjs", async (_, example) => {
    const checked = checkOp(example, async (graph, inputs) => {
      for (const { op } of graph.nodes) seen.add(op);
      const compiled = await compileGraph(graph, { engine: "tensorflow", runtime: tensorFlow!, peepholesOff });
      try {
        return await compiled.run(inputs);
      } finally {
        await compiled.dispose();
      }
    });
    await expect(checked).resolves.toBeUndefined();
  });
});

test.skipIf(tensorFlow === null)("every rule has a case", () => {
  // Made by peepholes out of captured ops.
  const rewritten = new Set(["BiasAdd", "ReluGrad", "SigmoidGrad", "TanhGrad", "L2Loss"]);
  // Dropped when the graph is captured; composed of others by tfjs.
  const unseen = ["LogicalXor", "Identity", "LogSoftmax", "BroadcastTo"];
  const untested = Object.keys(rules).filter((op) => !seen.has(op) && !trainedOps.has(op) && !rewritten.has(op));
  expect(untested).toEqual(unseen);
});
