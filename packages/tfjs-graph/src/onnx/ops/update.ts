/** Updates as parts of the graph. All follow the layout of the first state; the others are kept in the same one. */
import { updateOps } from "../../ops/updates/index.js";
import type { Arithmetic } from "../../ops/updates/update-op.js";
import type { GraphBuilder } from "../graph-builder.js";
import type { LoweringRule } from "../lowering.js";

const arithmetic = (graph: GraphBuilder): Arithmetic<string> => ({
  add: (a, b) => graph.op("Add", [a, b]),
  sub: (a, b) => graph.op("Sub", [a, b]),
  mul: (a, b) => graph.op("Mul", [a, b]),
  div: (a, b) => graph.op("Div", [a, b]),
  sqrt: (a) => graph.op("Sqrt", [a]),
  number: (value) => graph.scalar(value),
});

export const updates: Record<string, LoweringRule> = Object.fromEntries(
  Object.entries(updateOps).map(([name, { states, next }]): [string, LoweringRule] => [
    name,
    (node, lowering) => {
      const { layout } = lowering.value(node.inputs[states[0]!]!);
      const inputs = Object.entries(node.inputs).map(([key, value]) => {
        return [key, value.shape.length === 0 ? lowering.plain(value) : lowering.in(value, layout)] as const;
      });
      const made = next(arithmetic(lowering.graph), { ...Object.fromEntries(inputs), ...node.attributes });
      made.forEach((state, i) => lowering.set(node.outputs[i]!, { name: state, layout }));
    },
  ]),
);
