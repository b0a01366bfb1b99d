/**
 * Convolution. The bias of the layer (an Add of a `[channels]` value right behind it) goes into the same node, which
 * saves a pass over the output.
 */
import type { GraphNode, Value } from "../../capture/graph.js";
import { DEPTHWISE, NCHW, OIHW } from "../layout.js";
import { attributesOf, type Lowering, type LoweringRule } from "../lowering.js";
import { convNode } from "./conv-node.js";
import { windowOf, windowAttributes, type WindowAttributes } from "./geometry.js";

/** The Add behind a convolution and its operand, if it is a bias per channel that is known already. */
function biasOf(node: GraphNode, lowering: Lowering): { add: GraphNode; bias: Value } | undefined {
  const output = node.outputs[0]!;
  const add = lowering.onlyConsumer(output);
  if (!lowering.peepholes.has("conv-bias") || add?.op !== "Add") return undefined;
  const bias = add.inputs.a === output ? add.inputs.b! : add.inputs.a!;
  const channels = output.shape[3]!;
  const isBias = bias.shape.at(-1) === channels && bias.shape.slice(0, -1).every((size) => size === 1);
  return isBias && lowering.isLowered(bias) ? { add, bias } : undefined;
}

/** A convolution with the filter as `[out, in per group, h, w]`, which `arrange` makes of the captured one. */
const convolution =
  (arrange: (filter: Value, lowering: Lowering) => { filter: string; group: number }): LoweringRule =>
  (node, lowering) => {
    const { x, filter: captured } = node.inputs as Record<"x" | "filter", Value>;
    const { filter, group } = arrange(captured, lowering);
    const window = windowOf({ image: x.shape, kernel: captured.shape }, attributesOf<WindowAttributes>(node));
    const attributes = { ...windowAttributes(window), group };
    const found = biasOf(node, lowering);
    const bias = found && lowering.reshape(lowering.plain(found.bias), [node.outputs[0]!.shape[3]!]);
    const input = lowering.in(x, NCHW);
    const optional = bias === undefined ? {} : { bias };
    const name =
      group === 1
        ? convNode(lowering, { x: input, filter, inputs: x.shape[3]!, attributes, ...optional })
        : lowering.graph.op(
            { op: "Conv", ...attributes },
            bias === undefined ? [input, filter] : [input, filter, bias],
          );
    lowering.set(node.outputs[0]!, { name, layout: NCHW });
    if (found) lowering.set(found.add.outputs[0]!, { name, layout: NCHW });
  };

export const conv2D = convolution((filter, lowering) => ({ filter: lowering.in(filter, OIHW), group: 1 }));

/** Each channel has its own `multiplier` filters: a grouped convolution. */
export const depthwiseConv2D = convolution((filter, lowering) => {
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  const grouped = lowering.reshape(lowering.in(filter, DEPTHWISE), [channels * multiplier, 1, height, width]);
  return { filter: grouped, group: channels };
});
