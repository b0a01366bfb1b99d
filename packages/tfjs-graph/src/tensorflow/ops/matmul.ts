/** Matrix products and bias, in the fast type of the precision. */
import { attr } from "../graph-def.js";
import type { Rules } from "../lowering.js";

export const matmul: Rules = {
  BatchMatMul: (node, to) => {
    const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean };
    const inputs = [to.ref(node.inputs.a!, to.fast), to.ref(node.inputs.b!, to.fast)];
    const isPlain = node.outputs[0]!.shape.length === 2;
    const ref = isPlain
      ? to.op(
          {
            op: "MatMul",
            type: to.fast,
            attributes: { transpose_a: attr.bool(transposeA), transpose_b: attr.bool(transposeB) },
          },
          inputs,
        )
      : to.op(
          {
            op: "BatchMatMulV2",
            type: to.fast,
            attributes: { adj_x: attr.bool(transposeA), adj_y: attr.bool(transposeB) },
          },
          inputs,
        );
    to.set(node.outputs[0]!, { ref, type: to.fast });
  },
  /** Adds a vector along the last axis; the peephole `bias-add` makes it. */
  BiasAdd: (node, to) => {
    const type = to.common(node);
    const inputs = [to.ref(node.inputs.x!, type), to.ref(node.inputs.bias!, type)];
    to.set(node.outputs[0]!, {
      ref: to.op({ op: "BiasAdd", type, attributes: { data_format: attr.string("NHWC") } }, inputs),
      type,
    });
  },
};
