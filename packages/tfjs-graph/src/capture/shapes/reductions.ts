/**
 * Reductions over `axes` of `x` {axes, keepDims}: `Sum`, `Mean`, `Max`, `Min`, `Prod`, `All`, `Any`. `ArgMax` and
 * `ArgMin` {axis} give int32 and drop the axis. `Softmax` and `LogSoftmax` (logits) act on the last axis. `Cumsum`.
 */
import { tf } from "../../tf.js";
import type { ValueType } from "../graph.js";
import { axisOf, one, type ShapeRule, type ShapeRules } from "./rule.js";

/** `axis` is what most kernels call it; Max says `reductionIndices`. */
function reduction(typeOf: (dtype: ValueType) => ValueType = (dtype) => dtype): ShapeRule {
  return ({ x }, raw) => {
    const axis = raw.axis ?? raw.reductionIndices;
    const shape = [...x!.shape];
    const axes = tf.util.parseAxisParam(axis ?? shape.map((_, i) => i), shape);
    const [kept] = tf.backend_util.computeOutAndReduceShapes(shape, axes);
    const keepDims = raw.keepDims ?? false;
    const result = keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
    return one({ shape: result, dtype: typeOf(x!.dtype) }, { axes: [...axes].sort((a, b) => a - b), keepDims });
  };
}

const arg: ShapeRule = ({ x }, { axis }) => {
  const dropped = axisOf(Array.isArray(axis) ? axis[0] : axis, x!.shape.length);
  return one({ shape: x!.shape.filter((_, i) => i !== dropped), dtype: "int32" }, { axis: dropped });
};

const softmax: ShapeRule = ({ logits }) => one({ shape: logits!.shape, dtype: "float32" });

export const reductions: ShapeRules = {
  Sum: reduction((dtype) => (dtype === "bool" ? "int32" : dtype)),
  Mean: reduction(() => "float32"),
  Max: reduction(),
  Min: reduction(),
  Prod: reduction((dtype) => (dtype === "bool" ? "int32" : dtype)),
  All: reduction(),
  Any: reduction(),
  ArgMax: arg,
  ArgMin: arg,
  Softmax: softmax,
  LogSoftmax: softmax,
  Cumsum: ({ x }, { axis, exclusive, reverse }) =>
    one({ shape: x!.shape, dtype: x!.dtype }, { axis: axisOf(axis, x!.shape.length), exclusive, reverse }),
};
