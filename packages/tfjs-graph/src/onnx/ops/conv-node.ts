/** The Conv node itself, around a defect of one of onnxruntime's kernels. */
import type { Lowering } from "../lowering.js";
import type { OnnxAttribute } from "../model.js";

export interface ConvNode {
  /** `[n, in, h, w]` */
  x: string;
  /** `[out, in, h, w]` */
  filter: string;
  inputs: number;
  bias?: string;
  attributes: Record<string, OnnxAttribute>;
}

/**
 * A convolution of one group. onnxruntime 1.30 on WebGPU reads channels by three where their number is a multiple of
 * three but not of four, and then gets more than three of them wrong: such inputs are padded with zero channels.
 */
export function convNode(lowering: Lowering, { x, filter, inputs, bias, attributes }: ConvNode): string {
  const { graph, target } = lowering;
  const isMisread = target === "webgpu" && inputs > 3 && inputs % 3 === 0 && inputs % 4 !== 0;
  const padded = (name: string): string =>
    graph.op("Pad", [name, graph.integers([0, 0, 0, 0, 0, 4 - (inputs % 4), 0, 0])]);
  const operands = isMisread ? [padded(x), padded(filter)] : [x, filter];
  return graph.op({ op: "Conv", ...attributes }, bias === undefined ? operands : [...operands, bias]);
}
