/**
 * Max pool and its gradient, for any window and stride. The gradient of a window goes to its first greatest element
 * in row-major order, as in tfjs and TensorFlow.
 *
 * The gradient works on one axis at a time (first the best row of the window, then the best column in it, which is
 * the same element): the elements that a tap sees are a strided slice, and each tap in turn takes what of dy has not
 * been taken and where its element equals the maximum.
 */
import type { Value } from "../../capture/graph.js";
import { NCHW } from "../layout.js";
import { attributesOf, type Lowering, type LoweringRule } from "../lowering.js";
import { ONNX_TYPES } from "../model.js";
import { windowOf, windowAttributes, type Window, type WindowAttributes } from "./geometry.js";

export interface PoolAttributes extends WindowAttributes {
  window: readonly [number, number];
}

export const poolWindow = (image: Value, attributes: PoolAttributes): Window =>
  windowOf(image.shape, attributes.window, attributes);

export const maxPool: LoweringRule = (node, lowering) => {
  const window = poolWindow(node.inputs.x!, attributesOf<PoolAttributes>(node));
  const name = lowering.graph.op("MaxPool", [lowering.in(node.inputs.x!, NCHW)], windowAttributes(window));
  lowering.set(node.outputs[0]!, name, NCHW);
};

export const maxPoolGrad: LoweringRule = (node, lowering) => {
  const { dy, input, output } = node.inputs as Record<"dy" | "input" | "output", Value>;
  const [images, height, width, channels] = input.shape as [number, number, number, number];
  const window = poolWindow(input, attributesOf<PoolAttributes>(node));
  const pooled = lowering.graph.op("MaxPool", [lowering.in(input, NCHW)], {
    kernel_shape: [1, window.kernel[1]],
    strides: [1, window.strides[1]],
    pads: [0, window.before[1], 0, window.after[1]],
  });
  const rows = { name: pooled, shape: [images, channels, height, window.output[1]] };
  const whole = { name: lowering.in(input, NCHW), shape: [images, channels, height, width] };
  const down = axisGradient(lowering, rows, lowering.in(output, NCHW), lowering.in(dy, NCHW), line(window, 0));
  lowering.set(node.outputs[0]!, axisGradient(lowering, whole, pooled, down, line(window, 1)), NCHW);
};

/** A window along one axis. */
interface Line {
  axis: 2 | 3;
  input: number;
  output: number;
  kernel: number;
  stride: number;
  before: number;
}

const line = (w: Window, i: 0 | 1): Line => ({
  axis: i === 0 ? 2 : 3,
  input: w.input[i],
  output: w.output[i],
  kernel: w.kernel[i],
  stride: w.strides[i],
  before: w.before[i],
});

interface Shaped {
  name: string;
  shape: number[];
}

/** dy of windows along one axis with the maxima `greatest`, brought to the elements that were greatest. */
function axisGradient(lowering: Lowering, x: Shaped, greatest: string, dy: string, at: Line): string {
  const { graph } = lowering;
  if (at.kernel === 1 && at.stride === 1 && at.before === 0) return dy;
  const padded = pad(lowering, x, at);
  const shares: string[] = [];
  let rest = dy;
  for (let tap = 0; tap < at.kernel - 1; tap++) {
    const isGreatest = graph.op("Equal", [tapOf(lowering, padded, tap, at), greatest]);
    const share = graph.op("Mul", [rest, graph.op("Cast", [isGreatest], { to: ONNX_TYPES.float32 })]);
    shares.push(share);
    rest = graph.op("Sub", [rest, share]);
  }
  // What no tap before has taken is the last one's.
  return spread(lowering, [...shares, rest], x.shape, at);
}

/** Padded with -infinity, so that no window picks the padding, to a whole number of strides. */
function pad(lowering: Lowering, x: Shaped, at: Line): Shaped {
  const { graph } = lowering;
  const length =
    Math.max(Math.ceil((at.before + at.input) / at.stride), Math.ceil(lastEnd(at) / at.stride)) * at.stride;
  const after = length - at.before - at.input;
  if (at.before === 0 && after === 0) return x;
  const pads = [0, 0, 0, 0, 0, 0, 0, 0];
  pads[at.axis] = at.before;
  pads[at.axis + 4] = after;
  const name = graph.op("Pad", [x.name, graph.integers(pads), graph.scalar(-Infinity)]);
  return { name, shape: x.shape.map((size, i) => (i === at.axis ? length : size)) };
}

/** Where the last window ends, in padded elements. */
const lastEnd = (at: Line): number => (at.output - 1) * at.stride + at.kernel;

/** The elements that windows see at `tap`. A pool of windows of one picks those of the first tap on all cores. */
function tapOf(lowering: Lowering, x: Shaped, tap: number, at: Line): string {
  const { graph } = lowering;
  if (tap === 0 && at.output * at.stride === x.shape[at.axis]) {
    const strides = at.axis === 2 ? [at.stride, 1] : [1, at.stride];
    return graph.op("MaxPool", [x.name], { kernel_shape: [1, 1], strides });
  }
  const end = tap + (at.output - 1) * at.stride + 1;
  const bounds = [graph.integers([tap]), graph.integers([end]), graph.integers([at.axis]), graph.integers([at.stride])];
  return graph.op("Slice", [x.name, ...bounds]);
}

/**
 * Puts the share of tap t of window w back to element w * stride + t. Taps that are a multiple of the stride apart
 * land in the same residue class, moved by whole windows; the classes are then interleaved.
 */
function spread(lowering: Lowering, shares: string[], shape: number[], at: Line): string {
  const { graph } = lowering;
  const length = Math.max(Math.ceil((at.before + at.input) / at.stride), Math.ceil(lastEnd(at) / at.stride));
  const classes = Array.from({ length: at.stride }, (_, residue) => {
    const moved = shares
      .map((share, tap) => ({ share, tap }))
      .filter(({ tap }) => tap % at.stride === residue)
      .map(({ share, tap }) => shift(lowering, share, Math.floor(tap / at.stride), length, at));
    return moved.length === 0 ? undefined : moved.reduce((sum, part) => graph.op("Add", [sum, part]));
  });
  const zero = (): string => graph.op("Mul", [classes.find((name) => name !== undefined)!, graph.scalar(0)]);
  const before = shape.slice(0, at.axis);
  const after = shape.slice(at.axis + 1);
  const filled = classes.map((name) => lowering.reshape(name ?? zero(), [...before, length, 1, ...after]));
  const joined = filled.length === 1 ? filled[0]! : graph.op("Concat", filled, { axis: at.axis + 1 });
  const whole = lowering.reshape(joined, [...before, length * at.stride, ...after]);
  if (at.before === 0 && length * at.stride === at.input) return whole;
  const bounds = [graph.integers([at.before]), graph.integers([at.before + at.input]), graph.integers([at.axis])];
  return graph.op("Slice", [whole, ...bounds]);
}

function shift(lowering: Lowering, name: string, by: number, length: number, at: Line): string {
  const after = length - by - at.output;
  if (by === 0 && after === 0) return name;
  const pads = [0, 0, 0, 0, 0, 0, 0, 0];
  pads[at.axis] = by;
  pads[at.axis + 4] = after;
  return lowering.graph.op("Pad", [name, lowering.graph.integers(pads)]);
}
