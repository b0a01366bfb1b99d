/** Reductions, in float32. */
import { attr } from "../graph-def.js";
import type { Rule, Rules } from "../lowering.js";

const reduction =
  (op: string, hasType = true): Rule =>
  (node, to) => {
    const { axes, keepDims } = node.attributes as unknown as { axes: number[]; keepDims: boolean };
    const type = node.outputs[0]!.dtype;
    const attributes = { Tidx: attr.type("int32"), keep_dims: attr.bool(keepDims) };
    const inputs = [to.ref(node.inputs.x!, type), to.builder.ints(axes)];
    to.set(node.outputs[0]!, to.op({ op, type: hasType ? type : undefined, attributes }, inputs));
  };

const arg =
  (op: string): Rule =>
  (node, to) => {
    const x = node.inputs.x!;
    const attributes = { Tidx: attr.type("int32"), output_type: attr.type("int32") };
    const inputs = [to.ref(x, x.dtype), to.builder.int(node.attributes.axis as number)];
    to.set(node.outputs[0]!, to.op({ op, type: x.dtype, attributes }, inputs));
  };

const softmax =
  (op: string): Rule =>
  (node, to) =>
    to.set(node.outputs[0]!, to.op({ op, type: "float32" }, [to.ref(node.inputs.logits!, "float32")]));

export const reductions: Rules = {
  Sum: reduction("Sum"),
  Mean: reduction("Mean"),
  Max: reduction("Max"),
  Min: reduction("Min"),
  Prod: reduction("Prod"),
  All: reduction("All", false),
  Any: reduction("Any", false),
  ArgMax: arg("ArgMax"),
  ArgMin: arg("ArgMin"),
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
  Cumsum: (node, to) => {
    const { axis, exclusive, reverse } = node.attributes as { axis: number; exclusive: boolean; reverse: boolean };
    const type = node.outputs[0]!.dtype;
    const attributes = { Tidx: attr.type("int32"), exclusive: attr.bool(exclusive), reverse: attr.bool(reverse) };
    to.set(
      node.outputs[0]!,
      to.op({ op: "Cumsum", type, attributes }, [to.ref(node.inputs.x!, type), to.builder.int(axis)]),
    );
  },
  /** Half the sum of squares, in one pass; the peephole `l2-loss` makes it. */
  L2Loss: (node, to) =>
    to.set(node.outputs[0]!, to.op({ op: "L2Loss", type: "float32" }, [to.ref(node.inputs.x!, "float32")])),
};
