/** Softmax, its logarithm, and cross-entropy with its gradient. */
import type { Value } from "../../capture/graph.js";
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

/** loss = -sum(labels * log softmax), dlogits = softmax - labels. */
export const softmaxCrossEntropy: LoweringRule = (node, lowering) => {
  const { graph } = lowering;
  const { logits, labels } = node.inputs as Record<"logits" | "labels", Value>;
  const target = lowering.plain(labels);
  const logarithm = graph.op({ op: "LogSoftmax", axis: -1 }, [lowering.plain(logits)]);
  const products = graph.op("Mul", [logarithm, target]);
  const loss = graph.op("Neg", [graph.op({ op: "ReduceSum", keepdims: 0 }, [products, graph.integers([1])])]);
  lowering.set(node.outputs[0]!, { name: loss });
  lowering.set(node.outputs[1]!, { name: graph.op("Sub", [graph.op("Exp", [logarithm]), target]) });
};
