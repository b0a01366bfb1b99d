/** Fused kernels of tfjs, recorded as their parts, and kernels that are another one in disguise. */
import type { TensorInfo } from "@tensorflow/tfjs";
import { GraphError } from "../errors.js";
import type { KernelCall, Recorder } from "./recorder.js";

type Call = Required<KernelCall>;
type Decomposition = (call: Call, recorder: Recorder) => TensorInfo;

const activations: Record<string, string> = { relu: "Relu", relu6: "Relu6", elu: "Elu", sigmoid: "Sigmoid" };

/** Bias and activation after a convolution or a matrix product. */
function finish({ y, inputs, attributes }: Omit<Call, "op"> & { y: TensorInfo }, recorder: Recorder): TensorInfo {
  let x = y;
  if (inputs.bias) x = recorder.record({ op: "Add", inputs: { a: x, b: inputs.bias } })[0]!;
  const { activation, leakyreluAlpha: alpha } = attributes;
  if (activation === undefined || activation === null || activation === "linear") return x;
  if (activation === "leakyrelu") {
    return recorder.record({ op: "LeakyRelu", inputs: { x }, attributes: { alpha } })[0]!;
  }
  if (activation === "prelu") {
    return recorder.record({ op: "Prelu", inputs: { x, alpha: inputs.preluActivationWeights! } })[0]!;
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
  return recorder.record({ op, inputs: { x } })[0]!;
}

const convolution =
  (op: string): Decomposition =>
  ({ inputs, attributes }, recorder) => {
    const y = recorder.record({ op, inputs: { x: inputs.x!, filter: inputs.filter! }, attributes })[0]!;
    return finish({ y, inputs, attributes }, recorder);
  };

/** Broadcasting ops of the operands a and b. */
const arithmetic = ["Add", "Sub", "Multiply", "RealDiv", "FloorDiv", "Mod", "Pow"];
const broadcasting = [...arithmetic, "Maximum", "Minimum", "SquaredDifference"];

/**
 * Operands of different rank get the same one, so that a lowering with layouts of its own knows which axis is which.
 * Vectors stay as they are: they lie along the last axis.
 */
function aligned(one: string, other: string): Decomposition {
  return ({ op, inputs, attributes }, recorder) => {
    const rank = Math.max(inputs[one]!.shape.length, inputs[other]!.shape.length);
    const align = (info: TensorInfo): TensorInfo => {
      if (info.shape.length < 2 || info.shape.length === rank) return info;
      const shape = [...Array.from({ length: rank - info.shape.length }, () => 1), ...info.shape];
      return recorder.record({ op: "Reshape", inputs: { x: info }, attributes: { shape } })[0]!;
    };
    const operands = { [one]: align(inputs[one]!), [other]: align(inputs[other]!) };
    return recorder.record({ op, inputs: operands, attributes })[0]!;
  };
}

export const decompositions: Record<string, Decomposition> = {
  ...Object.fromEntries(broadcasting.map((op) => [op, aligned("a", "b")])),
  Prelu: aligned("x", "alpha"),
  FusedConv2D: convolution("Conv2D"),
  FusedDepthwiseConv2D: convolution("DepthwiseConv2dNative"),
  _FusedMatMul: ({ inputs, attributes }, recorder) => {
    const y = recorder.record({ op: "BatchMatMul", inputs: { a: inputs.a!, b: inputs.b! }, attributes })[0]!;
    return finish({ y, inputs, attributes }, recorder);
  },
  ExpandDims: ({ inputs: { input }, attributes: { dim } }, recorder) => {
    const shape = [...input!.shape];
    shape.splice(dim < 0 ? shape.length + 1 + dim : dim, 0, 1);
    return recorder.record({ op: "Reshape", inputs: { x: input! }, attributes: { shape } })[0]!;
  },
};
