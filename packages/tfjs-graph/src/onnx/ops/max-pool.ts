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
import { attributesOf, type Lowering, type LoweringRule, type Shaped } from "../lowering.js";
import { ONNX_TYPES } from "../model.js";
import { windowOf, windowAttributes, type Window, type WindowAttributes } from "./geometry.js";

export interface PoolAttributes extends WindowAttributes {
  window: readonly [number, number];
}

export const poolWindow = (image: Value, attributes: PoolAttributes): Window =>
  windowOf({ image: image.shape, kernel: attributes.window }, attributes);

export const maxPool: LoweringRule = (node, lowering) => {
  const window = poolWindow(node.inputs.x!, attributesOf<PoolAttributes>(node));
  const name = lowering.graph.op({ op: "MaxPool", ...windowAttributes(window) }, [lowering.in(node.inputs.x!, NCHW)]);
  lowering.set(node.outputs[0]!, { name, layout: NCHW });
};

export const maxPoolGrad: LoweringRule = (node, lowering) => {
  const { dy, input, output } = node.inputs as Record<"dy" | "input" | "output", Value>;
  const [images, height, width, channels] = input.shape as [number, number, number, number];
  const window = poolWindow(input, attributesOf<PoolAttributes>(node));
  const alongRows = {
    kernel_shape: [1, window.kernel[1]],
    strides: [1, window.strides[1]],
    pads: [0, window.before[1], 0, window.after[1]],
  };
  const pooled = lowering.graph.op({ op: "MaxPool", ...alongRows }, [lowering.in(input, NCHW)]);
  const rows = { name: pooled, shape: [images, channels, height, window.output[1]] };
  const whole = { name: lowering.in(input, NCHW), shape: [images, channels, height, width] };
  const [down, across] = [new LineGradient(lowering, line(window, 0)), new LineGradient(lowering, line(window, 1))];
  const ofRows = down.of(rows, { greatest: lowering.in(output, NCHW), dy: lowering.in(dy, NCHW) });
  lowering.set(node.outputs[0]!, { name: across.of(whole, { greatest: pooled, dy: ofRows }), layout: NCHW });
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

/** Where the last window ends, in padded elements. */
const lastEnd = (at: Line): number => (at.output - 1) * at.stride + at.kernel;

/** The gradient along one axis. */
class LineGradient {
  readonly #lowering: Lowering;
  readonly #at: Line;
  /** How many strides the padded elements are. */
  readonly #strides: number;

  constructor(lowering: Lowering, at: Line) {
    this.#lowering = lowering;
    this.#at = at;
    this.#strides = Math.max(Math.ceil((at.before + at.input) / at.stride), Math.ceil(lastEnd(at) / at.stride));
  }

  /** dy of windows with the maxima `greatest`, brought to the elements of x that were greatest. */
  of(x: Shaped, { greatest, dy }: { greatest: string; dy: string }): string {
    const { graph } = this.#lowering;
    const at = this.#at;
    if (at.kernel === 1 && at.stride === 1 && at.before === 0) return dy;
    const padded = this.#pad(x);
    const shares: string[] = [];
    let rest = dy;
    for (let tap = 0; tap < at.kernel - 1; tap++) {
      const isGreatest = graph.op("Equal", [this.#tapOf(padded, tap), greatest]);
      const share = graph.op("Mul", [rest, graph.op({ op: "Cast", to: ONNX_TYPES.float32 }, [isGreatest])]);
      shares.push(share);
      rest = graph.op("Sub", [rest, share]);
    }
    // What no tap before has taken is the last one's.
    return this.#spread([...shares, rest], x.shape);
  }

  /** Padded with -infinity, so that no window picks the padding, to a whole number of strides. */
  #pad(x: Shaped): Shaped {
    const { graph } = this.#lowering;
    const at = this.#at;
    const length = this.#strides * at.stride;
    const after = length - at.before - at.input;
    if (at.before === 0 && after === 0) return x;
    const pads = graph.integers(this.#pads(at.before, after));
    const name = graph.op("Pad", [x.name, pads, graph.scalar(-Infinity)]);
    return { name, shape: x.shape.map((size, i) => (i === at.axis ? length : size)) };
  }

  /** The elements that windows see at `tap`. A pool of windows of one picks those of the first tap on all cores. */
  #tapOf(x: Shaped, tap: number): string {
    const { graph } = this.#lowering;
    const at = this.#at;
    if (tap === 0 && at.output * at.stride === x.shape[at.axis]) {
      const strides = at.axis === 2 ? [at.stride, 1] : [1, at.stride];
      return graph.op({ op: "MaxPool", kernel_shape: [1, 1], strides }, [x.name]);
    }
    const bounds = [tap, tap + (at.output - 1) * at.stride + 1, at.axis, at.stride];
    return graph.op("Slice", [x.name, ...bounds.map((value) => graph.integers([value]))]);
  }

  /**
   * Puts the share of tap t of window w back to element w * stride + t. Taps that are a multiple of the stride apart
   * land in the same residue class, moved by whole windows; the classes are then interleaved.
   */
  #spread(shares: string[], shape: readonly number[]): string {
    const lowering = this.#lowering;
    const { graph } = lowering;
    const at = this.#at;
    const length = this.#strides;
    const classes = Array.from({ length: at.stride }, (_, residue) => {
      const moved = shares
        .map((share, tap) => ({ share, tap }))
        .filter(({ tap }) => tap % at.stride === residue)
        .map(({ share, tap }) => this.#shift(share, Math.floor(tap / at.stride)));
      return moved.length === 0 ? undefined : moved.reduce((sum, part) => graph.op("Add", [sum, part]));
    });
    const zero = (): string => graph.op("Mul", [classes.find((name) => name !== undefined)!, graph.scalar(0)]);
    const before = shape.slice(0, at.axis);
    const after = shape.slice(at.axis + 1);
    const filled = classes.map((name) => lowering.reshape(name ?? zero(), [...before, length, 1, ...after]));
    const joined = filled.length === 1 ? filled[0]! : graph.op({ op: "Concat", axis: at.axis + 1 }, filled);
    const whole = lowering.reshape(joined, [...before, length * at.stride, ...after]);
    if (at.before === 0 && length * at.stride === at.input) return whole;
    const bounds = [at.before, at.before + at.input, at.axis].map((value) => graph.integers([value]));
    return graph.op("Slice", [whole, ...bounds]);
  }

  /** One element a window, moved by whole windows among as many as there are strides. */
  #shift(name: string, by: number): string {
    const after = this.#strides - by - this.#at.output;
    if (by === 0 && after === 0) return name;
    const { graph } = this.#lowering;
    return graph.op("Pad", [name, graph.integers(this.#pads(by, after))]);
  }

  /** What ONNX' Pad calls pads: all axes before, then all after. */
  #pads(before: number, after: number): number[] {
    const pads = [0, 0, 0, 0, 0, 0, 0, 0];
    pads[this.#at.axis] = before;
    pads[this.#at.axis + 4] = after;
    return pads;
  }
}
