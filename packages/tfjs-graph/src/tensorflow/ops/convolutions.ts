/** Convolutions and their gradients, in the fast type of the precision. */
import type { GraphNode } from "../../capture/graph.js";
import { attr } from "../graph-def.js";
import type { Rules } from "../lowering.js";

interface ConvGeometry {
  strides: number[];
  dilations: number[];
  pads: number[];
  pad: string;
}

export function geometryAttributes(node: GraphNode): Record<string, Uint8Array> {
  const { strides, dilations, pads, pad } = node.attributes as unknown as ConvGeometry;
  const [top, bottom, left, right] = pads as [number, number, number, number];
  const explicit = pad === "explicit" ? [0, 0, top, bottom, left, right, 0, 0] : [];
  return {
    strides: attr.ints([1, ...strides, 1]),
    dilations: attr.ints([1, ...dilations, 1]),
    padding: attr.string(pad.toUpperCase()),
    explicit_paddings: attr.ints(explicit),
    data_format: attr.string("NHWC"),
  };
}

const family = (name: string): Rules => ({
  [name]: (node, to) => {
    const inputs = [to.ref(node.inputs.x!, to.fast), to.ref(node.inputs.filter!, to.fast)];
    to.set(node.outputs[0]!, to.op(name, inputs, geometryAttributes(node), to.fast), to.fast);
  },
  [`${name}BackpropInput`]: (node, to) => {
    const shape = to.builder.ints(node.attributes.inputShape as number[]);
    const inputs = [shape, to.ref(node.inputs.filter!, to.fast), to.ref(node.inputs.dy!, to.fast)];
    to.set(node.outputs[0]!, to.op(`${name}BackpropInput`, inputs, geometryAttributes(node), to.fast), to.fast);
  },
  [`${name}BackpropFilter`]: (node, to) => {
    const shape = to.builder.ints(node.attributes.filterShape as number[]);
    const inputs = [to.ref(node.inputs.x!, to.fast), shape, to.ref(node.inputs.dy!, to.fast)];
    to.set(node.outputs[0]!, to.op(`${name}BackpropFilter`, inputs, geometryAttributes(node), to.fast), to.fast);
  },
});

export const convolutions: Rules = { ...family("Conv2D"), ...family("DepthwiseConv2dNative") };
