/**
 * Resizing and its gradient as two matrix products: along each axis, an output is a fixed mix of inputs.
 *
 *     y = R x C^T, dx = R^T dy C            R [out height, in height], C [out width, in width], constants
 */
import type { Value } from "../../capture/graph.js";
import { NCHW } from "../layout.js";
import { attributesOf, type Lowering, type LoweringRule } from "../lowering.js";

interface ResizeAttributes {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** An axis that is resized: how many inputs there are, and how far they lie from one output to the next. */
interface Axis extends ResizeAttributes {
  size: number;
  ratio: number;
}

/** Weights of the inputs in output `position`, as [input, weight]. */
type Mix = (position: number, axis: Axis) => [number, number][];

const nearest: Mix = (position, { size, ratio, alignCorners, halfPixelCenters }) => {
  const source = ratio * (position + (halfPixelCenters ? 0.5 : 0));
  const index = alignCorners ? Math.round(source) : Math.floor(source);
  return [[Math.max(0, Math.min(size - 1, index)), 1]];
};

const bilinear: Mix = (position, { size, ratio, halfPixelCenters }) => {
  const source = halfPixelCenters ? ratio * (position + 0.5) - 0.5 : ratio * position;
  const low = Math.max(0, Math.floor(source));
  const high = Math.min(size - 1, Math.ceil(source));
  const share = source - low;
  return [
    [low, 1 - share],
    [high, share],
  ];
};

/** How the outputs along an axis are mixed. */
interface Matrix {
  values: Float32Array;
  shape: number[];
}

interface MatrixOptions extends ResizeAttributes {
  from: number;
  to: number;
  transposed: boolean;
}

/** `[to, from]`, or its transpose. */
function matrix(mix: Mix, { from, to, transposed, ...attributes }: MatrixOptions): Matrix {
  const corners = attributes.alignCorners && to > 1;
  const axis: Axis = { ...attributes, size: from, ratio: corners ? (from - 1) / (to - 1) : from / to };
  const values = new Float32Array(from * to);
  for (let position = 0; position < to; position++) {
    for (const [index, weight] of mix(position, axis)) {
      values[transposed ? index * to + position : position * from + index]! += weight;
    }
  }
  return { values, shape: transposed ? [from, to] : [to, from] };
}

function product({ graph }: Lowering, { left, x, right }: { left: Matrix; x: string; right: Matrix }): string {
  const [rows, columns] = [left, right].map(({ values, shape }) => graph.constant(values, { type: "float32", shape }));
  return graph.op("MatMul", [rows!, graph.op("MatMul", [x, columns!])]);
}

export const resize =
  (mix: Mix): LoweringRule =>
  (node, lowering) => {
    const attributes = attributesOf<ResizeAttributes>(node);
    const images = node.inputs.images!;
    const [, height, width] = images.shape as [number, number, number];
    const [, toHeight, toWidth] = node.outputs[0]!.shape as [number, number, number];
    const left = matrix(mix, { ...attributes, from: height, to: toHeight, transposed: false });
    const right = matrix(mix, { ...attributes, from: width, to: toWidth, transposed: true });
    const y = product(lowering, { left, x: lowering.in(images, NCHW), right });
    lowering.set(node.outputs[0]!, { name: y, layout: NCHW });
  };

export const resizeGrad =
  (mix: Mix): LoweringRule =>
  (node, lowering) => {
    const attributes = attributesOf<ResizeAttributes>(node);
    const { images, dy } = node.inputs as Record<"images" | "dy", Value>;
    const [, height, width] = images.shape as [number, number, number];
    const [, toHeight, toWidth] = dy.shape as [number, number, number];
    const left = matrix(mix, { ...attributes, from: height, to: toHeight, transposed: true });
    const right = matrix(mix, { ...attributes, from: width, to: toWidth, transposed: false });
    const dx = product(lowering, { left, x: lowering.in(dy, NCHW), right });
    lowering.set(node.outputs[0]!, { name: dx, layout: NCHW });
  };

export const mixes = { nearest, bilinear };
