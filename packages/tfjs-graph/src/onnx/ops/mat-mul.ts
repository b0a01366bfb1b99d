/** Matrix products. A stack of one matrix, as dense layers make it, is a plain Gemm. */
import type { Value } from "../../capture/graph.js";
import { attributesOf, type LoweringRule } from "../lowering.js";

export const batchMatMul: LoweringRule = (node, lowering) => {
  const { transposeA, transposeB } = attributesOf<{ transposeA: boolean; transposeB: boolean }>(node);
  const { a, b } = node.inputs as Record<"a" | "b", Value>;
  const { graph, target } = lowering;
  const output = node.outputs[0]!;
  const [transA, transB] = [transposeA ? 1 : 0, transposeB ? 1 : 0];
  if ([a, b].every(({ shape }) => shape.slice(0, -2).every((size) => size === 1))) {
    const [x, y] = [a, b].map((value) => lowering.reshape(lowering.plain(value), value.shape.slice(-2)));
    lowering.set(output, { name: lowering.reshape(graph.op({ op: "Gemm", transA, transB }, [x!, y!]), output.shape) });
    return;
  }
  if (target === "cpu") {
    lowering.set(output, {
      name: graph.contrib({ op: "FusedMatMul", transA, transB }, [lowering.plain(a), lowering.plain(b)]),
    });
    return;
  }
  const turned = (value: Value, isTurned: boolean): string => {
    if (!isTurned) return lowering.plain(value);
    const perm = value.shape.map((_, i) => i);
    perm.splice(-2, 2, perm.length - 1, perm.length - 2);
    return graph.op({ op: "Transpose", perm }, [lowering.plain(value)]);
  };
  lowering.set(output, { name: graph.op("MatMul", [turned(a, transposeA), turned(b, transposeB)]) });
};
