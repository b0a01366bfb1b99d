/** Pools and their gradients; a tie's gradient goes to the first maximum, as in tfjs. */
import type { GraphNode } from "../../capture/graph.js";
import { attr } from "../graph-def.js";
import { refusal } from "../../lowering/refusal.js";
import type { Rules } from "../lowering.js";

function attributes(node: GraphNode): Record<string, Uint8Array> {
  const { window, strides, pad } = node.attributes as unknown as { window: number[]; strides: number[]; pad: string };
  if (pad === "explicit") throw refusal(node, { found: `TensorFlow pads a ${node.op} "same" or "valid" only` });
  return {
    ksize: attr.ints([1, ...window, 1]),
    strides: attr.ints([1, ...strides, 1]),
    padding: attr.string(pad.toUpperCase()),
    data_format: attr.string("NHWC"),
  };
}

export const pools: Rules = {
  MaxPool: (node, to) => {
    const type = to.typeOf(node.inputs.x!);
    to.set(node.outputs[0]!, {
      ref: to.op({ op: "MaxPool", type, attributes: attributes(node) }, [to.ref(node.inputs.x!)]),
      type,
    });
  },
  MaxPoolGrad: (node, to) => {
    const { input, output, dy } = node.inputs;
    const type = to.typeOf(input!);
    const inputs = [to.ref(input!), to.ref(output!, type), to.ref(dy!, type)];
    to.set(node.outputs[0]!, { ref: to.op({ op: "MaxPoolGrad", type, attributes: attributes(node) }, inputs), type });
  },
  AvgPool: (node, to) => {
    const type = to.typeOf(node.inputs.x!);
    to.set(node.outputs[0]!, {
      ref: to.op({ op: "AvgPool", type, attributes: attributes(node) }, [to.ref(node.inputs.x!)]),
      type,
    });
  },
  AvgPoolGrad: (node, to) => {
    const { window, strides } = node.attributes as unknown as { window: number[]; strides: number[] };
    // Where windows overlap TensorFlow adds up in the type that it is given: bfloat16 would lose a twentieth.
    const overlaps = window.some((length, i) => length > strides[i]!);
    const type = overlaps ? "float32" : to.typeOf(node.inputs.dy!);
    const inputs = [to.builder.ints(node.inputs.input!.shape), to.ref(node.inputs.dy!, type)];
    to.set(node.outputs[0]!, { ref: to.op({ op: "AvgPoolGrad", type, attributes: attributes(node) }, inputs), type });
  },
};
