/**
 * Batch normalization in few passes over the big tensor: everything per channel is computed first, on tensors of
 * `[channels]` elements, so that what is left is one multiplication or addition a pass. The centered input is shared
 * by the variance, the output and the gradient.
 */
import type { GraphNode, Value } from "../../capture/graph.js";
import { tf } from "../../tf.js";
import { NCHW, type Layout } from "../layout.js";
import { attributesOf, type Lowering, type LoweringRule } from "../lowering.js";
import { refusal } from "../../lowering/refusal.js";

/** From this many pixels an image, onnxruntime sums products fastest as a matrix product of rows with themselves. */
const LONG_ROW = 256;

/** How channels lie in a value: the axes to reduce, and the shape that broadcasts against it. */
interface Channels {
  layout: Layout;
  axes: number[];
  shape: number[];
  /** Elements per channel. */
  count: number;
}

function channelsOf({ shape }: Value): Channels {
  const rank = shape.length;
  const channels = shape[rank - 1]!;
  const count = shape.reduce((a, b) => a * b, 1) / channels;
  if (rank === 4) return { layout: NCHW, axes: [0, 2, 3], shape: [1, channels, 1, 1], count };
  const others = Array.from({ length: rank - 1 }, (_, i) => i);
  return { layout: null, axes: others, shape: [...others.map(() => 1), channels], count };
}

const perChannel = (lowering: Lowering, value: Value, { shape }: Channels): string =>
  lowering.reshape(lowering.plain(value), shape);

/** Sum over each channel of a * b, in the broadcasting shape. */
function sumOfProducts(lowering: Lowering, a: string, b: string, x: Value, { axes, shape }: Channels): string {
  const { graph } = lowering;
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  if (lowering.target === "cpu" && x.shape.length === 4 && height * width >= LONG_ROW) {
    const rows = (name: string): string => lowering.reshape(name, [images * channels, 1, height * width]);
    const products = graph.contrib("FusedMatMul", [rows(a), rows(b)], { transB: 1 });
    const sums = graph.op("ReduceSum", [lowering.reshape(products, [images, channels]), graph.integers([0])], {
      keepdims: 0,
    });
    return lowering.reshape(sums, shape);
  }
  return graph.op("ReduceSum", [graph.op("Mul", [a, b]), graph.integers(axes)], { keepdims: 1 });
}

function inverseDeviation(lowering: Lowering, variance: string, epsilon: number): string {
  const { graph } = lowering;
  return graph.op("Reciprocal", [graph.op("Sqrt", [graph.op("Add", [variance, graph.scalar(epsilon)])])]);
}

const epsilonOf = (node: GraphNode): number => attributesOf<{ epsilon: number }>(node).epsilon;

export const batchNormTrain: LoweringRule = (node, lowering) => {
  const { x, gamma, beta } = node.inputs as Record<"x" | "gamma" | "beta", Value>;
  const { graph } = lowering;
  const channels = channelsOf(x);
  const input = lowering.in(x, channels.layout);
  const mean = graph.op("ReduceMean", [input, graph.integers(channels.axes)], { keepdims: 1 });
  const centered = graph.op("Sub", [input, mean]);
  const sum = sumOfProducts(lowering, centered, centered, x, channels);
  const variance = graph.op("Mul", [sum, graph.scalar(1 / channels.count)]);
  const scale = graph.op("Mul", [
    perChannel(lowering, gamma, channels),
    inverseDeviation(lowering, variance, epsilonOf(node)),
  ]);
  const y = graph.op("Add", [graph.op("Mul", [centered, scale]), perChannel(lowering, beta, channels)]);
  lowering.set(node.outputs[0]!, y, channels.layout);
  lowering.set(node.outputs[1]!, lowering.reshape(mean, gamma.shape, channels.shape), null);
  lowering.set(node.outputs[2]!, lowering.reshape(variance, gamma.shape, channels.shape), null);
};

/**
 *     dx = scale * (dy - dbeta / n - xhat * dgamma / n), xhat = centered * inverse, scale = gamma * inverse
 */
export const batchNormTrainGrad: LoweringRule = (node, lowering) => {
  const { dy, x, gamma, mean, variance } = node.inputs as Record<"dy" | "x" | "gamma" | "mean" | "variance", Value>;
  const { graph } = lowering;
  const channels = channelsOf(x);
  const [input, slope] = [lowering.in(x, channels.layout), lowering.in(dy, channels.layout)];
  const centered = graph.op("Sub", [input, perChannel(lowering, mean, channels)]);
  const inverse = inverseDeviation(lowering, perChannel(lowering, variance, channels), epsilonOf(node));
  const dbeta = graph.op("ReduceSum", [slope, graph.integers(channels.axes)], { keepdims: 1 });
  const dgamma = graph.op("Mul", [sumOfProducts(lowering, slope, centered, x, channels), inverse]);
  const scale = graph.op("Mul", [perChannel(lowering, gamma, channels), inverse]);
  const share = graph.op("Mul", [scale, graph.scalar(-1 / channels.count)]);
  const ofCentered = graph.op("Mul", [centered, graph.op("Mul", [graph.op("Mul", [share, inverse]), dgamma])]);
  const constant = graph.op("Mul", [share, dbeta]);
  const dx = graph.op("Add", [graph.op("Add", [graph.op("Mul", [slope, scale]), ofCentered]), constant]);
  lowering.set(node.outputs[0]!, dx, channels.layout);
  lowering.set(node.outputs[1]!, lowering.reshape(dgamma, gamma.shape), null);
  lowering.set(node.outputs[2]!, lowering.reshape(dbeta, gamma.shape), null);
};

/**
 * Inference: the running statistics are part of a scale and a shift per channel. tfjs-layers also normalizes layers
 * with it, and then gives statistics of each element.
 */
export const fusedBatchNorm: LoweringRule = (node, lowering) => {
  const { x, mean, variance, offset, scale } = node.inputs as Record<string, Value>;
  const { graph } = lowering;
  const channels = channelsOf(x!);
  const operand = (value: Value): string => {
    const size = tf.util.sizeFromShape([...value.shape]);
    if (size === tf.util.sizeFromShape(channels.shape)) return perChannel(lowering, value, channels);
    if (size !== tf.util.sizeFromShape([...x!.shape]))
      throw refusal(node, { found: `the statistics of the op ${node.op} have the shape [${value.shape.join(", ")}]` });
    return lowering.relayout(lowering.reshape(lowering.plain(value), x!.shape), x!.shape, null, channels.layout);
  };
  const inverse = inverseDeviation(lowering, operand(variance!), epsilonOf(node));
  const factor = scale === undefined ? inverse : graph.op("Mul", [operand(scale), inverse]);
  const moved = graph.op("Mul", [operand(mean!), factor]);
  const shift = offset === undefined ? graph.op("Neg", [moved]) : graph.op("Sub", [operand(offset), moved]);
  const y = graph.op("Add", [graph.op("Mul", [lowering.in(x!, channels.layout), factor]), shift]);
  lowering.set(node.outputs[0]!, y, channels.layout);
};
