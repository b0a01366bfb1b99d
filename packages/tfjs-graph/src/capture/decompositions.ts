/** Fused kernels of tfjs, recorded as their parts, and kernels that are another one in disguise. */
import type { TensorInfo } from "@tensorflow/tfjs";
import { GraphError } from "../errors.js";
import type { Recorder } from "./recorder.js";
import type { RawAttributes } from "./shapes/rule.js";

type Inputs = Record<string, TensorInfo>;
type Decomposition = (inputs: Inputs, attributes: RawAttributes, recorder: Recorder) => TensorInfo;

const activations: Record<string, string> = { relu: "Relu", relu6: "Relu6", elu: "Elu", sigmoid: "Sigmoid" };

/** Bias and activation after a convolution or a matrix product. */
function finish(y: TensorInfo, inputs: Inputs, raw: RawAttributes, recorder: Recorder): TensorInfo {
  let result = y;
  if (inputs.bias) result = recorder.record("Add", { a: result, b: inputs.bias }, {})[0]!;
  const { activation, leakyreluAlpha } = raw;
  if (activation === undefined || activation === null || activation === "linear") return result;
  if (activation === "leakyrelu") return recorder.record("LeakyRelu", { x: result }, { alpha: leakyreluAlpha })[0]!;
  if (activation === "prelu") {
    return recorder.record("Prelu", { x: result, alpha: inputs.preluActivationWeights! }, {})[0]!;
  }
  const op = activations[activation];
  if (op === undefined) {
    const fix = "Use a separate activation layer";
    throw new GraphError({
      code: "UNSUPPORTED_OP",
      subject: `fused activation "${activation}"`,
      found: "it is not known",
      fix,
    });
  }
  return recorder.record(op, { x: result }, {})[0]!;
}

const convolution =
  (op: string): Decomposition =>
  (inputs, raw, recorder) => {
    const y = recorder.record(op, { x: inputs.x!, filter: inputs.filter! }, raw)[0]!;
    return finish(y, inputs, raw, recorder);
  };

/** Broadcasting ops, by the names of their operands. */
const broadcasting: [op: string, one: string, other: string][] = [
  ...["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "Pow", "FloorDiv", "Mod"].map(
    (op): [string, string, string] => [op, "a", "b"],
  ),
  ["Prelu", "x", "alpha"],
];

/**
 * Operands of different rank get the same one, so that a lowering with layouts of its own knows which axis is which.
 * Vectors stay as they are: they lie along the last axis.
 */
function aligned(op: string, one: string, other: string): Decomposition {
  return (inputs, raw, recorder) => {
    const rank = Math.max(inputs[one]!.shape.length, inputs[other]!.shape.length);
    const align = (info: TensorInfo): TensorInfo => {
      if (info.shape.length < 2 || info.shape.length === rank) return info;
      const shape = [...Array.from({ length: rank - info.shape.length }, () => 1), ...info.shape];
      return recorder.record("Reshape", { x: info }, { shape })[0]!;
    };
    return recorder.record(op, { [one]: align(inputs[one]!), [other]: align(inputs[other]!) }, raw)[0]!;
  };
}

export const decompositions: Record<string, Decomposition> = {
  ...Object.fromEntries(broadcasting.map(([op, one, other]) => [op, aligned(op, one, other)])),
  FusedConv2D: convolution("Conv2D"),
  FusedDepthwiseConv2D: convolution("DepthwiseConv2dNative"),
  _FusedMatMul: (inputs, raw, recorder) => {
    const y = recorder.record("BatchMatMul", { a: inputs.a!, b: inputs.b! }, raw)[0]!;
    return finish(y, inputs, raw, recorder);
  },
  ExpandDims: ({ input }, { dim }, recorder) => {
    const shape = [...input!.shape];
    shape.splice(dim < 0 ? shape.length + 1 + dim : dim, 0, 1);
    return recorder.record("Reshape", { x: input! }, { shape })[0]!;
  },
};
