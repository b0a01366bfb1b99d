/** Reductions over axes, and the position of an extreme value. */
import { physicalAxis, type Layout } from "../layout.js";
import { attributesOf, type LoweringRule } from "../lowering.js";
import { ONNX_TYPES } from "../model.js";

interface ReduceAttributes {
  axes: number[];
  keepDims: boolean;
}

const reduce =
  (op: string): LoweringRule =>
  (node, lowering) => {
    const { axes, keepDims } = attributesOf<ReduceAttributes>(node);
    const [x, output] = [node.inputs.x!, node.outputs[0]!];
    const rank = x.shape.length;
    if (axes.length === 0)
      return lowering.set(output, { name: lowering.value(x).name, layout: lowering.value(x).layout });
    const kept = Array.from({ length: rank }, (_, i) => i).filter((i) => !axes.includes(i));
    // Without the reduced axes, what is left of the layout must be in order again.
    const { layout: found } = lowering.value(x);
    const inOrder = found === null || keepDims || found.filter((i) => kept.includes(i)).every((i, k) => i === kept[k]);
    const layout: Layout = inOrder ? found : null;
    const physical = axes.map((a) => physicalAxis(a, layout)).sort((a, b) => a - b);
    const name = lowering.graph.op({ op, keepdims: keepDims ? 1 : 0 }, [
      lowering.in(x, layout),
      lowering.graph.integers(physical),
    ]);
    return lowering.set(output, { name, layout: keepDims ? layout : null });
  };

const boolReduce =
  (op: string): LoweringRule =>
  (node, lowering) => {
    const { axes, keepDims } = attributesOf<ReduceAttributes>(node);
    const { graph } = lowering;
    const x = node.inputs.x!;
    const numbers = graph.op({ op: "Cast", to: ONNX_TYPES.int32 }, [lowering.plain(x)]);
    const reduced = graph.op({ op, keepdims: keepDims ? 1 : 0 }, [numbers, graph.integers(axes)]);
    lowering.set(node.outputs[0]!, { name: graph.op({ op: "Cast", to: ONNX_TYPES.bool }, [reduced]) });
  };

const position =
  (op: "ArgMax" | "ArgMin"): LoweringRule =>
  (node, lowering) => {
    const { axis } = attributesOf<{ axis: number }>(node);
    const found = lowering.graph.op({ op, axis, keepdims: 0 }, [lowering.plain(node.inputs.x!)]);
    lowering.set(node.outputs[0]!, { name: lowering.graph.op({ op: "Cast", to: ONNX_TYPES.int32 }, [found]) });
  };

export const reductions: Record<string, LoweringRule> = {
  Sum: reduce("ReduceSum"),
  Mean: reduce("ReduceMean"),
  Max: reduce("ReduceMax"),
  Min: reduce("ReduceMin"),
  Prod: reduce("ReduceProd"),
  All: boolReduce("ReduceMin"),
  Any: boolReduce("ReduceMax"),
  ArgMax: position("ArgMax"),
  ArgMin: position("ArgMin"),
};
