/** The error for what ONNX cannot run: it names op and layer, and the engines that can. */
import { GraphError } from "../errors.js";
import type { GraphNode } from "../capture/graph.js";

export function refusal(node: GraphNode, reason: string): GraphError {
  const { op, layer } = node;
  return new GraphError({
    code: "UNSUPPORTED_OP",
    subject: layer === null ? `op ${op}` : `op ${op} of layer "${layer}"`,
    found: reason,
    fix: "Train it with the eager engine wasm or cpu",
    context: { op, layer, engine: "onnx" },
  });
}
