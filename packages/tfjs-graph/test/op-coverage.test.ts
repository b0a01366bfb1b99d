/**
 * Which ops the training of random nets (fuzz.test.ts) runs. Each op alone is compared too: tensorflow/ops.test.ts and
 * onnx/ops.test.ts have a case for every rule.
 */
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { loweringRules } from "../dist/onnx/ops/index.js";
import { ownOps } from "../dist/ops/own-ops.js";
import { rules } from "../dist/tensorflow/ops/index.js";
import { rebuild } from "../dist/layers/rebuild.js";
import { TrainStep } from "../dist/train/train-step.js";
import { capturePrediction, captureUpdate, SAMPLE } from "../dist/train/capture-train-step.js";
import { FIRST_WIDE, randomNet } from "./random-net.ts";
import { optionsOf } from "./random-training.ts";

async function drawn(count: number): Promise<Set<string>> {
  await tf.setBackend("cpu");
  const ops = new Set<string>();
  for (let seed = FIRST_WIDE; seed < FIRST_WIDE + count; seed++) {
    const { model } = randomNet(seed);
    const step = new TrainStep({ ...optionsOf(seed, model), model: await rebuild(model) });
    for (const graph of [captureUpdate(step, SAMPLE), capturePrediction(step, SAMPLE)])
      for (const { op } of graph.nodes) ops.add(op);
    step.dispose();
    model.dispose();
  }
  return ops;
}

test("random nets run every op of both engines but those that no layer makes", async () => {
  const ops = await drawn(200);
  const [onnx, tensorflow] = [loweringRules, rules].map((of) => new Set([...Object.keys(of), ...ownOps.keys()]));
  const onBoth = [...onnx!].filter((op) => tensorflow!.has(op));
  expect([...ops].filter((op) => !onBoth.includes(op))).toEqual([]);
  const never = onBoth.filter((op) => !ops.has(op)).sort();
  expect({ ops: onBoth.length, drawn: ops.size, never }).toMatchInlineSnapshot(`
    {
      "drawn": 73,
      "never": [
        "All",
        "Any",
        "ArgMin",
        "BroadcastTo",
        "Ceil",
        "Cos",
        "Expm1",
        "Floor",
        "FloorDiv",
        "GatherV2",
        "Identity",
        "IsNan",
        "Log",
        "Log1p",
        "LogSoftmax",
        "LogicalNot",
        "LogicalOr",
        "Min",
        "MirrorPad",
        "NotEqual",
        "OneHot",
        "OnesLike",
        "Pack",
        "Prod",
        "Reciprocal",
        "Relu6",
        "Reverse",
        "Round",
        "Sign",
        "Sin",
        "SquaredDifference",
        "Unpack",
        "UnsortedSegmentSum",
      ],
      "ops": 106,
    }
  `);
});
