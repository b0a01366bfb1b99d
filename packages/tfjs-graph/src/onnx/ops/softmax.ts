/** Softmax and its logarithm. */
import type { LoweringRule } from "../lowering.js";

const lastAxis =
  (op: "Softmax" | "LogSoftmax"): LoweringRule =>
  (node, lowering) => {
    lowering.set(node.outputs[0]!, {
      name: lowering.graph.op({ op, axis: -1 }, [lowering.plain(node.inputs.logits!)]),
    });
  };

export const softmax = lastAxis("Softmax");
export const logSoftmax = lastAxis("LogSoftmax");
