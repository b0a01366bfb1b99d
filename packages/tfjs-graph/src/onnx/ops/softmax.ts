/** Softmax, its logarithm, and cross-entropy with its gradient. */
import type { Value } from "../../capture/graph.js";
import type { LoweringRule } from "../lowering.js";

const lastAxis =
  (op: "Softmax" | "LogSoftmax"): LoweringRule =>
  (node, lowering) => {
    lowering.set(node.outputs[0]!, lowering.graph.op(op, [lowering.plain(node.inputs.logits!)], { axis: -1 }), null);
  };

export const softmax = lastAxis("Softmax");
export const logSoftmax = lastAxis("LogSoftmax");

/** loss = -sum(labels * log softmax), dlogits = softmax - labels. */
export const softmaxCrossEntropy: LoweringRule = (node, lowering) => {
  const { graph } = lowering;
  const { logits, labels } = node.inputs as Record<"logits" | "labels", Value>;
  const target = lowering.plain(labels);
  const logarithm = graph.op("LogSoftmax", [lowering.plain(logits)], { axis: -1 });
  const products = graph.op("Mul", [logarithm, target]);
  const loss = graph.op("Neg", [graph.op("ReduceSum", [products, graph.integers([1])], { keepdims: 0 })]);
  lowering.set(node.outputs[0]!, loss, null);
  lowering.set(node.outputs[1]!, graph.op("Sub", [graph.op("Exp", [logarithm]), target]), null);
};
