/**
 * Gradient of a convolution with respect to its input. At stride 1 it is itself a convolution, with the filter
 * flipped and its channels exchanged, and onnxruntime runs that about twice as fast as the general form, ConvTranspose.
 */
import type { GraphNode, Value } from "../../capture/graph.js";
import { DEPTHWISE, NCHW, OIHW } from "../layout.js";
import { attributesOf, type Lowering, type LoweringRule } from "../lowering.js";
import { convNode } from "./conv-node.js";
import { windowOf, reach, type Window, type WindowAttributes } from "./geometry.js";

export interface ConvGradientAttributes extends WindowAttributes {
  inputShape?: number[];
  filterShape?: number[];
}

export interface InputGradient {
  /** `[n, out, oh, ow]` */
  dy: string;
  /** `[out, in per group, h, w]` */
  filter: string;
  /** Channels of dy. */
  outputs: number;
  window: Window;
  group: number;
}

/** The gradient, `[n, in, h, w]`. */
export function inputGradient(lowering: Lowering, gradient: InputGradient): string {
  const { window, group, outputs } = gradient;
  const isPlain = window.strides.every((s) => s === 1) && padsBefore(window).every((pad) => pad >= 0);
  if (isPlain && (group === 1 || group === outputs)) return asConvolution(lowering, gradient);
  return asTransposed(lowering, gradient);
}

/** Padding of dy in front, for the convolution with the flipped filter. */
const padsBefore = (window: Window): number[] => ([0, 1] as const).map((i) => reach(window, i) - 1 - window.before[i]);

function asConvolution(lowering: Lowering, { dy, filter, outputs, window, group }: InputGradient): string {
  const { graph } = lowering;
  const { kernel, dilations } = window;
  const before = padsBefore(window);
  const after = ([0, 1] as const).map((i) => window.input[i] + reach(window, i) - 1 - window.output[i] - before[i]!);
  const exchanged = group === 1 ? graph.op({ op: "Transpose", perm: [1, 0, 2, 3] }, [filter]) : filter;
  const flipped = flip(lowering, { filter: exchanged, kernel });
  const attributes = { kernel_shape: kernel, dilations, pads: [...before, ...after], group };
  if (group !== 1) return graph.op({ op: "Conv", ...attributes }, [dy, flipped]);
  return convNode(lowering, { x: dy, filter: flipped, inputs: outputs, attributes });
}

function asTransposed(lowering: Lowering, { dy, filter, window, group }: InputGradient): string {
  const { graph } = lowering;
  const axes = [0, 1] as const;
  // What no window reaches at the end is left over and gets zeros.
  const covered = axes.map((i) => (window.output[i] - 1) * window.strides[i] + reach(window, i));
  const after = axes.map((i) => Math.max(0, covered[i]! - window.before[i] - window.input[i]));
  const missing = axes.map((i) => window.input[i] + window.before[i] + after[i]! - covered[i]!);
  const spread = graph.op(
    {
      op: "ConvTranspose",
      kernel_shape: window.kernel,
      strides: window.strides,
      dilations: window.dilations,
      pads: [...window.before, ...after],
      group,
    },
    [dy, filter],
  );
  if (missing.every((size) => size === 0)) return spread;
  return graph.op("Pad", [spread, graph.integers([0, 0, 0, 0, 0, 0, ...missing])]);
}

/** The filter `[out, in, h, w]` with the order of its taps turned round; `kernel` is its height and width. */
function flip({ graph }: Lowering, { filter, kernel }: { filter: string; kernel: readonly number[] }): string {
  const axes = [2, 3].filter((axis) => kernel[axis - 2]! > 1);
  if (axes.length === 0) return filter;
  const all = (value: number): string => graph.integers(axes.map(() => value));
  return graph.op("Slice", [filter, all(-1), all(-(2 ** 31)), graph.integers(axes), all(-1)]);
}

const gradientWindow = (node: GraphNode): Window => {
  const attributes = attributesOf<ConvGradientAttributes>(node);
  return windowOf({ image: attributes.inputShape!, kernel: node.inputs.filter!.shape }, attributes);
};

export const conv2DBackpropInput: LoweringRule = (node, lowering) => {
  const { dy, filter } = node.inputs as Record<"dy" | "filter", Value>;
  const dx = inputGradient(lowering, {
    dy: lowering.in(dy, NCHW),
    filter: lowering.in(filter, OIHW),
    outputs: dy.shape[3]!,
    window: gradientWindow(node),
    group: 1,
  });
  lowering.set(node.outputs[0]!, { name: dx, layout: NCHW });
};

export const depthwiseConv2DBackpropInput: LoweringRule = (node, lowering) => {
  const { dy, filter } = node.inputs as Record<"dy" | "filter", Value>;
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  const outputs = channels * multiplier;
  const grouped = lowering.reshape(lowering.in(filter, DEPTHWISE), [outputs, 1, height, width]);
  const slope = lowering.in(dy, NCHW);
  const window = gradientWindow(node);
  if (multiplier === 1 || lowering.target === "cpu") {
    const dx = inputGradient(lowering, { dy: slope, filter: grouped, outputs, window, group: channels });
    lowering.set(node.outputs[0]!, { name: dx, layout: NCHW });
    return;
  }
  // onnxruntime 1.30 on WebGPU gets groups of several outputs wrong: one transposed convolution for each of them.
  const { graph } = lowering;
  /** From the `m`-th on, every one of the multiplier. */
  const every = (name: string, { m, axis }: { m: number; axis: number }): string => {
    const bounds = [
      graph.integers([m]),
      graph.integers([outputs]),
      graph.integers([axis]),
      graph.integers([multiplier]),
    ];
    return graph.op("Slice", [name, ...bounds]);
  };
  const parts = Array.from({ length: multiplier }, (_, m) => {
    const part = {
      dy: every(slope, { m, axis: 1 }),
      filter: every(grouped, { m, axis: 0 }),
      outputs: channels,
      window,
      group: channels,
    };
    return inputGradient(lowering, part);
  });
  lowering.set(node.outputs[0]!, { name: parts.reduce((sum, part) => graph.op("Add", [sum, part])), layout: NCHW });
};
