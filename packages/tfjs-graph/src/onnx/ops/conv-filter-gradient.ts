/**
 * Gradient of a convolution with respect to its filter, tap by tap: one matrix product of dy with x shifted by the
 * tap.
 *
 *     dfilter[o, i, ky, kx] = sum over n, y, x of dy[n, o, y, x] * x[n, i, y * stride + ky, x * stride + kx]
 *
 * Three forms, by what measures fastest on onnxruntime's CPU (2 cores, AVX-512):
 * - few input channels: all taps side by side, one product per image;
 * - large images: one product per tap and image, summed over the images; nothing is transposed;
 * - small images: channels first, so that the product runs over images and pixels at once.
 */
import type { GraphNode, Value } from "../../capture/graph.js";
import { DEPTHWISE, NCHW, OIHW } from "../layout.js";
import { attributesOf, type Lowering, type LoweringRule } from "../lowering.js";
import type { ConvGradientAttributes } from "./conv-input-gradient.js";
import { windowOf, type Window } from "./geometry.js";

/** Below this many input channels a product per tap would be a matrix by a sliver. */
const FEW_CHANNELS = 8;
/** Up to this many pixels, transposing costs less than summing a product per image. */
const SMALL_IMAGE = 256;

/** The gradient of each tap, `[out, in]`, in the order of {@link taps}. */
interface Taps extends Pick<Operands, "inputs" | "outputs" | "window"> {
  parts: readonly string[];
}

interface Operands {
  /** `[n, in, h, w]` */
  x: string;
  /** `[n, out, oh, ow]` */
  dy: string;
  images: number;
  inputs: number;
  outputs: number;
  window: Window;
}

export const conv2DBackpropFilter: LoweringRule = (node, lowering) => {
  const { filterShape } = attributesOf<ConvGradientAttributes>(node) as { filterShape: number[] };
  const { x, dy } = node.inputs as Record<"x" | "dy", Value>;
  const window = windowOf({ image: x.shape, kernel: filterShape }, attributesOf<ConvGradientAttributes>(node));
  const [images, inputs, outputs] = [x.shape[0]!, filterShape[2]!, filterShape[3]!];
  const operands = { x: lowering.in(x, NCHW), dy: lowering.in(dy, NCHW), images, inputs, outputs, window };
  const pixels = window.output[0] * window.output[1];
  const form = inputs < FEW_CHANNELS ? sideBySide : pixels > SMALL_IMAGE ? perImage : channelsFirst;
  lowering.set(node.outputs[0]!, { name: form(lowering, operands), layout: OIHW });
};

/** Gives x as the tap (ky, kx) sees it: `[n, channels, oh, ow]`, zero where the tap lies outside. */
const shifter =
  ({ graph }: Lowering, window: Window) =>
  (x: string, tap: readonly [number, number]): string => {
    const start = ([0, 1] as const).map((i) => tap[i] * window.dilations[i] - window.before[i]);
    const span = ([0, 1] as const).map((i) => (window.output[i] - 1) * window.strides[i] + 1);
    const after = ([0, 1] as const).map((i) => start[i]! + span[i]! - window.input[i]);
    const isWhole = [...start, ...after].every((size) => size === 0);
    // A negative pad cuts, so one Pad both shifts and crops.
    const padded = isWhole ? x : graph.op("Pad", [x, graph.integers([0, 0, -start[0]!, -start[1]!, 0, 0, ...after])]);
    if (window.strides.every((s) => s === 1)) return padded;
    const bounds = [
      graph.integers([0, 0]),
      graph.integers(span),
      graph.integers([2, 3]),
      graph.integers(window.strides),
    ];
    return graph.op("Slice", [padded, ...bounds]);
  };

function taps({ kernel }: Window): [number, number][] {
  return Array.from({ length: kernel[0] * kernel[1] }, (_, i) => [Math.floor(i / kernel[1]), i % kernel[1]]);
}

function sideBySide(lowering: Lowering, { x, dy, images, inputs, outputs, window }: Operands): string {
  const { graph } = lowering;
  const pixels = window.output[0] * window.output[1];
  const shifted = shifter(lowering, window);
  const sides = taps(window).map((tap) => lowering.reshape(shifted(x, tap), [images, inputs, pixels]));
  const columns = sides.length === 1 ? sides[0]! : graph.op({ op: "Concat", axis: 1 }, sides);
  const products = byTransposed(lowering, [lowering.reshape(dy, [images, outputs, pixels]), columns]);
  const sum = graph.op({ op: "ReduceSum", keepdims: 0 }, [products, graph.integers([0])]);
  const stacked = lowering.reshape(sum, [outputs, sides.length, inputs]);
  const ordered = graph.op({ op: "Transpose", perm: [0, 2, 1] }, [stacked]);
  return lowering.reshape(ordered, [outputs, inputs, ...window.kernel]);
}

function perImage(lowering: Lowering, { x, dy, images, inputs, outputs, window }: Operands): string {
  const { graph } = lowering;
  const pixels = window.output[0] * window.output[1];
  const rows = lowering.reshape(dy, [images, outputs, pixels]);
  const shifted = shifter(lowering, window);
  const parts = taps(window).map((tap) => {
    const columns = lowering.reshape(shifted(x, tap), [images, inputs, pixels]);
    return graph.op({ op: "ReduceSum", keepdims: 0 }, [byTransposed(lowering, [rows, columns]), graph.integers([0])]);
  });
  return join(lowering, { parts, inputs, outputs, window });
}

function channelsFirst(lowering: Lowering, { x, dy, images, inputs, outputs, window }: Operands): string {
  const { graph } = lowering;
  const pixels = images * window.output[0] * window.output[1];
  const exchange = (name: string): string => graph.op({ op: "Transpose", perm: [1, 0, 2, 3] }, [name]);
  const rows = lowering.reshape(exchange(dy), [outputs, pixels]);
  const source = exchange(x);
  const shifted = shifter(lowering, window);
  const parts = taps(window).map((tap) => {
    const columns = lowering.reshape(shifted(source, tap), [inputs, pixels]);
    return graph.op({ op: "Gemm", transB: 1 }, [rows, columns]);
  });
  return join(lowering, { parts, inputs, outputs, window });
}

/** `[out, in]` per tap as OIHW. */
function join(lowering: Lowering, { parts, inputs, outputs, window }: Taps): string {
  const { graph } = lowering;
  if (parts.length === 1) return lowering.reshape(parts[0]!, [outputs, inputs, ...window.kernel]);
  const layers = parts.map((part) => lowering.reshape(part, [1, outputs, inputs]));
  const ordered = graph.op({ op: "Transpose", perm: [1, 2, 0] }, [graph.op({ op: "Concat", axis: 0 }, layers)]);
  return lowering.reshape(ordered, [outputs, inputs, ...window.kernel]);
}

/** `a @ transpose(b)` for stacks of matrices. */
function byTransposed({ graph, target }: Lowering, [a, b]: [string, string]): string {
  if (target === "cpu") return graph.contrib({ op: "FusedMatMul", transB: 1 }, [a, b]);
  return graph.op("MatMul", [a, graph.op({ op: "Transpose", perm: [0, 2, 1] }, [b])]);
}

/** Each channel for itself: a product of elements per tap, summed over images and pixels. */
export const depthwiseConv2DBackpropFilter: LoweringRule = (node: GraphNode, lowering) => {
  const { filterShape } = attributesOf<ConvGradientAttributes>(node) as { filterShape: number[] };
  const { x, dy } = node.inputs as Record<"x" | "dy", Value>;
  const { graph } = lowering;
  const window = windowOf({ image: x.shape, kernel: filterShape }, attributesOf<ConvGradientAttributes>(node));
  const [height, width, channels, multiplier] = filterShape as [number, number, number, number];
  const images = x.shape[0]!;
  const source = lowering.in(x, NCHW);
  const rows = lowering.reshape(lowering.in(dy, NCHW), [images, channels, multiplier, ...window.output]);
  const shifted = shifter(lowering, window);
  const parts = taps(window).map((tap) => {
    const seen = lowering.reshape(shifted(source, tap), [images, channels, 1, ...window.output]);
    const sum = graph.op({ op: "ReduceSum", keepdims: 0 }, [graph.op("Mul", [rows, seen]), graph.integers([0, 3, 4])]);
    return lowering.reshape(sum, [channels, multiplier, 1]);
  });
  const joined = parts.length === 1 ? parts[0]! : graph.op({ op: "Concat", axis: 2 }, parts);
  const name = lowering.reshape(joined, [channels, multiplier, height, width]);
  lowering.set(node.outputs[0]!, { name, layout: DEPTHWISE });
};
