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

/** Weights of the inputs in output `position`, as [input, weight]. */
type Mix = (position: number, size: number, ratio: number, attributes: ResizeAttributes) => [number, number][];

const nearest: Mix = (position, size, ratio, { alignCorners, halfPixelCenters }) => {
  const source = ratio * (position + (halfPixelCenters ? 0.5 : 0));
  const index = alignCorners ? Math.round(source) : Math.floor(source);
  return [[Math.max(0, Math.min(size - 1, index)), 1]];
};

const bilinear: Mix = (position, size, ratio, { halfPixelCenters }) => {
  const source = halfPixelCenters ? ratio * (position + 0.5) - 0.5 : ratio * position;
  const low = Math.max(0, Math.floor(source));
  const high = Math.min(size - 1, Math.ceil(source));
  const share = source - low;
  return [
    [low, 1 - share],
    [high, share],
  ];
};

/** `[to, from]`, or its transpose. */
function matrix(from: number, to: number, mix: Mix, attributes: ResizeAttributes, transposed: boolean): Float32Array {
  const corners = attributes.alignCorners && to > 1;
  const ratio = corners ? (from - 1) / (to - 1) : from / to;
  const values = new Float32Array(from * to);
  for (let position = 0; position < to; position++) {
    for (const [index, weight] of mix(position, from, ratio, attributes)) {
      values[transposed ? index * to + position : position * from + index]! += weight;
    }
  }
  return values;
}

function product(
  lowering: Lowering,
  left: [Float32Array, number[]],
  x: string,
  right: [Float32Array, number[]],
): string {
  const { graph } = lowering;
  const [rows, columns] = [left, right].map(([values, shape]) => graph.constant("float32", shape, values));
  return graph.op("MatMul", [rows!, graph.op("MatMul", [x, columns!])]);
}

export const resize =
  (mix: Mix): LoweringRule =>
  (node, lowering) => {
    const attributes = attributesOf<ResizeAttributes>(node);
    const images = node.inputs.images!;
    const [, height, width] = images.shape as [number, number, number];
    const [, toHeight, toWidth] = node.outputs[0]!.shape as [number, number, number];
    const rows = matrix(height, toHeight, mix, attributes, false);
    const columns = matrix(width, toWidth, mix, attributes, true);
    const y = product(lowering, [rows, [toHeight, height]], lowering.in(images, NCHW), [columns, [width, toWidth]]);
    lowering.set(node.outputs[0]!, y, NCHW);
  };

export const resizeGrad =
  (mix: Mix): LoweringRule =>
  (node, lowering) => {
    const attributes = attributesOf<ResizeAttributes>(node);
    const { images, dy } = node.inputs as Record<"images" | "dy", Value>;
    const [, height, width] = images.shape as [number, number, number];
    const [, toHeight, toWidth] = dy.shape as [number, number, number];
    const rows = matrix(height, toHeight, mix, attributes, true);
    const columns = matrix(width, toWidth, mix, attributes, false);
    const dx = product(lowering, [rows, [height, toHeight]], lowering.in(dy, NCHW), [columns, [toWidth, width]]);
    lowering.set(node.outputs[0]!, dx, NCHW);
  };

export const mixes = { nearest, bilinear };
