/** Captures a {@link TrainStep} for one batch size: the graph of the update, and the graph of a prediction. */
import type { Scalar, Tensor, Tensor1D, Tensor2D, Variable } from "@tensorflow/tfjs";
import { capture } from "../capture/capture.js";
import type { Graph, InputSpec, ValueType } from "../capture/graph.js";
import type { Part } from "./accumulation.js";
import type { TrainStep } from "./train-step.js";

/** What distinguishes two traces: the number of rows and the type of the inputs. */
export interface BatchSignature {
  count: number;
  dtype: Extract<ValueType, "uint8" | "float32">;
}

/** Of an update, besides, what the batch is to it. */
export interface UpdateSignature extends BatchSignature {
  part?: Part;
}

/** The signature of a batch. */
export const signatureOf = (inputs: Uint8Array | Float32Array, count: number): BatchSignature => ({
  count,
  dtype: inputs instanceof Uint8Array ? "uint8" : "float32",
});

const scalar = (name: string, dtype: ValueType = "float32"): InputSpec => ({ name, shape: [], dtype });

/** Names of the state's variables, `weights/<name>` and `slots/<name>`, and of those between batches of an update. */
function stateNames(step: TrainStep): (variable: Variable) => string {
  const names = new Map([
    ...step.variables.map(({ kind, name, variable }) => [variable, `${kind}/${name}`] as const),
    ...(step.accumulation?.variables ?? []).map(({ name, variable }) => [variable, name] as const),
  ]);
  return (variable) => names.get(variable) ?? variable.name;
}

/**
 * The update as a graph, or what a part of its batches does. Inputs: `inputs` `[n, ...]`, `labels` `[n, classes]`,
 * `weights` `[n]`, `learningRate`, `stepSize`, `averageShare`, `step`, `share` (int32 scalars aside, float32). Outputs: `loss` and
 * `correct`, scalars. Variables are named `weights/<name>` and `slots/<name>`; between the parts, `sums/<name>` and
 * `statistics/<name>`.
 */
export function captureUpdate(step: TrainStep, { count, dtype, part = "whole" }: UpdateSignature): Graph {
  const { inputShape, classes } = step.options.model;
  const inputs: InputSpec[] = [
    { name: "inputs", shape: [count, ...inputShape], dtype },
    { name: "labels", shape: [count, classes] },
    { name: "weights", shape: [count] },
    scalar("learningRate"),
    scalar("stepSize"),
    scalar("averageShare"),
    scalar("step", "int32"),
    scalar("share"),
  ];
  const run = (...tensors: Tensor[]) => {
    const [inputs, labels, weights, learningRate, stepSize, averageShare, count, share] = tensors as [
      Tensor,
      Tensor2D,
      Tensor1D,
      Scalar,
      Scalar,
      Scalar,
      Scalar,
      Scalar,
    ];
    const batch = { inputs, labels, weights, learningRate, stepSize, averageShare, step: count, share };
    const { loss, correct, assignments } = step.run(batch, part);
    for (const [variable, value] of assignments) variable.assign(value);
    return { loss, correct };
  };
  return capture(run, { inputs, nameOf: stateNames(step) });
}

/** A prediction as a graph. Input `inputs` `[n, ...]`, output `probabilities` `[n, classes]`. */
export function capturePrediction(step: TrainStep, { count, dtype }: BatchSignature): Graph {
  const inputs: InputSpec[] = [{ name: "inputs", shape: [count, ...step.options.model.inputShape], dtype }];
  const run = (x: Tensor) => ({ probabilities: step.predict(x) });
  return capture(run, { inputs, nameOf: stateNames(step) });
}

/** A batch of any size, to see whether a step can be compiled. */
export const SAMPLE: BatchSignature = { count: 2, dtype: "uint8" };
