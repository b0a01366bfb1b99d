/** Average pool and its gradient. Padding is not counted, neither in the average nor in the gradient. */
import type { Value } from "../../capture/graph.js";
import { NCHW } from "../layout.js";
import { attributesOf, type LoweringRule } from "../lowering.js";
import { inputGradient } from "./conv-input-gradient.js";
import type { Window } from "./geometry.js";
import { poolWindow, type PoolAttributes } from "./max-pool.js";

export const averagePool: LoweringRule = (node, lowering) => {
  const { kernel, strides, before, after } = poolWindow(node.inputs.x!, attributesOf<PoolAttributes>(node));
  const attributes = { kernel_shape: kernel, strides, pads: [...before, ...after] };
  lowering.set(node.outputs[0]!, {
    name: lowering.graph.op({ op: "AveragePool", ...attributes }, [lowering.in(node.inputs.x!, NCHW)]),
    layout: NCHW,
  });
};

/** Each element of dy, divided by how many elements it averages, goes back to all of them. */
export const averagePoolGrad: LoweringRule = (node, lowering) => {
  const { dy, input } = node.inputs as Record<"dy" | "input", Value>;
  const { graph } = lowering;
  const channels = input.shape[3]!;
  const window = poolWindow(input, attributesOf<PoolAttributes>(node));
  const share = graph.op("Mul", [
    lowering.in(dy, NCHW),
    graph.constant(shares(window), { type: "float32", shape: [1, 1, ...window.output] }),
  ]);
  const ones = new Float32Array(channels * window.kernel[0] * window.kernel[1]).fill(1);
  const filter = graph.constant(ones, { type: "float32", shape: [channels, 1, ...window.kernel] });
  lowering.set(node.outputs[0]!, {
    name: inputGradient(lowering, { dy: share, filter, outputs: channels, window, group: channels }),
    layout: NCHW,
  });
};

/** `[oh, ow]`: 1 / number of elements of the input that each window covers. */
function shares(window: Window): Float32Array {
  const [rows, columns] = ([0, 1] as const).map((i) =>
    Array.from({ length: window.output[i] }, (_, position) => {
      const start = position * window.strides[i] - window.before[i];
      return Math.min(start + window.kernel[i], window.input[i]) - Math.max(start, 0);
    }),
  ) as [number[], number[]];
  return Float32Array.from(rows.flatMap((height) => columns.map((width) => 1 / (height * width))));
}
