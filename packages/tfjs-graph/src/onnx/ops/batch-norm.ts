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
  of: Value;
  layout: Layout;
  axes: number[];
  shape: number[];
  /** Elements per channel. */
  count: number;
}

function channelsOf(value: Value): Channels {
  const { shape } = value;
  const rank = shape.length;
  const channels = shape[rank - 1]!;
  const count = shape.reduce((a, b) => a * b, 1) / channels;
  if (rank === 4) return { of: value, layout: NCHW, axes: [0, 2, 3], shape: [1, channels, 1, 1], count };
  const others = Array.from({ length: rank - 1 }, (_, i) => i);
  return { of: value, layout: null, axes: others, shape: [...others.map(() => 1), channels], count };
}

/** Gives values of one number a channel in the broadcasting shape. */
const spreader =
  (lowering: Lowering, { shape }: Channels) =>
  (value: Value): string =>
    lowering.reshape(lowering.plain(value), shape);

/** Sum over each channel of a * b, in the broadcasting shape. */
function sumOfProducts(lowering: Lowering, { a, b, channels }: { a: string; b: string; channels: Channels }): string {
  const { graph } = lowering;
  const { of, axes, shape } = channels;
  const [images, height, width, depth] = of.shape as [number, number, number, number];
  if (lowering.target === "cpu" && of.shape.length === 4 && height * width >= LONG_ROW) {
    const rows = (name: string): string => lowering.reshape(name, [images * depth, 1, height * width]);
    const products = graph.contrib({ op: "FusedMatMul", transB: 1 }, [rows(a), rows(b)]);
    const perImage = lowering.reshape(products, [images, depth]);
    return lowering.reshape(graph.op({ op: "ReduceSum", keepdims: 0 }, [perImage, graph.integers([0])]), shape);
  }
  return graph.op({ op: "ReduceSum", keepdims: 1 }, [graph.op("Mul", [a, b]), graph.integers(axes)]);
}

/** 1 / sqrt(variance + epsilon). */
function inverseDeviation({ graph }: Lowering, { variance, epsilon }: { variance: string; epsilon: number }): string {
  return graph.op("Reciprocal", [graph.op("Sqrt", [graph.op("Add", [variance, graph.scalar(epsilon)])])]);
}

const epsilonOf = (node: GraphNode): number => attributesOf<{ epsilon: number }>(node).epsilon;

export const batchNormTrain: LoweringRule = (node, lowering) => {
  const { x, gamma, beta } = node.inputs as Record<"x" | "gamma" | "beta", Value>;
  const { graph } = lowering;
  const channels = channelsOf(x);
  const perChannel = spreader(lowering, channels);
  const input = lowering.in(x, channels.layout);
  const mean = graph.op({ op: "ReduceMean", keepdims: 1 }, [input, graph.integers(channels.axes)]);
  const centered = graph.op("Sub", [input, mean]);
  const sum = sumOfProducts(lowering, { a: centered, b: centered, channels });
  const variance = graph.op("Mul", [sum, graph.scalar(1 / channels.count)]);
  const scaled = perChannel(gamma);
  const inverse = inverseDeviation(lowering, { variance, epsilon: epsilonOf(node) });
  const scale = graph.op("Mul", [scaled, inverse]);
  const y = graph.op("Add", [graph.op("Mul", [centered, scale]), perChannel(beta)]);
  lowering.set(node.outputs[0]!, { name: y, layout: channels.layout });
  lowering.set(node.outputs[1]!, { name: lowering.reshape({ name: mean, shape: channels.shape }, gamma.shape) });
  lowering.set(node.outputs[2]!, { name: lowering.reshape({ name: variance, shape: channels.shape }, gamma.shape) });
};

/**
 *     dx = scale * (dy - dbeta / n - xhat * dgamma / n), xhat = centered * inverse, scale = gamma * inverse
 */
export const batchNormTrainGrad: LoweringRule = (node, lowering) => {
  const { dy, x, gamma, mean, variance } = node.inputs as Record<"dy" | "x" | "gamma" | "mean" | "variance", Value>;
  const { graph } = lowering;
  const channels = channelsOf(x);
  const perChannel = spreader(lowering, channels);
  const [input, slope] = [lowering.in(x, channels.layout), lowering.in(dy, channels.layout)];
  const centered = graph.op("Sub", [input, perChannel(mean)]);
  const inverse = inverseDeviation(lowering, { variance: perChannel(variance), epsilon: epsilonOf(node) });
  const dbeta = graph.op({ op: "ReduceSum", keepdims: 1 }, [slope, graph.integers(channels.axes)]);
  const dgamma = graph.op("Mul", [sumOfProducts(lowering, { a: slope, b: centered, channels }), inverse]);
  const scale = graph.op("Mul", [perChannel(gamma), inverse]);
  const share = graph.op("Mul", [scale, graph.scalar(-1 / channels.count)]);
  const ofCentered = graph.op("Mul", [centered, graph.op("Mul", [graph.op("Mul", [share, inverse]), dgamma])]);
  const constant = graph.op("Mul", [share, dbeta]);
  const dx = graph.op("Add", [graph.op("Add", [graph.op("Mul", [slope, scale]), ofCentered]), constant]);
  lowering.set(node.outputs[0]!, { name: dx, layout: channels.layout });
  lowering.set(node.outputs[1]!, { name: lowering.reshape(dgamma, gamma.shape) });
  lowering.set(node.outputs[2]!, { name: lowering.reshape(dbeta, gamma.shape) });
};

/**
 * Inference: the running statistics are part of a scale and a shift per channel. tfjs-layers also normalizes layers
 * with it, and then gives statistics of each element.
 */
export const fusedBatchNorm: LoweringRule = (node, lowering) => {
  const { x, mean, variance, offset, scale } = node.inputs as Record<string, Value>;
  const { graph } = lowering;
  const channels = channelsOf(x!);
  const perChannel = spreader(lowering, channels);
  const operand = (value: Value): string => {
    const size = tf.util.sizeFromShape([...value.shape]);
    if (size === tf.util.sizeFromShape(channels.shape)) return perChannel(value);
    if (size !== tf.util.sizeFromShape([...x!.shape]))
      throw refusal(node, { found: `the statistics of the op ${node.op} have the shape [${value.shape.join(", ")}]` });
    const name = lowering.reshape(lowering.plain(value), x!.shape);
    return lowering.relayout({ name, shape: x!.shape, layout: null }, channels.layout);
  };
  const inverse = inverseDeviation(lowering, { variance: operand(variance!), epsilon: epsilonOf(node) });
  const factor = scale === undefined ? inverse : graph.op("Mul", [operand(scale), inverse]);
  const moved = graph.op("Mul", [operand(mean!), factor]);
  const shift = offset === undefined ? graph.op("Neg", [moved]) : graph.op("Sub", [operand(offset), moved]);
  const y = graph.op("Add", [graph.op("Mul", [lowering.in(x!, channels.layout), factor]), shift]);
  lowering.set(node.outputs[0]!, { name: y, layout: channels.layout });
};
