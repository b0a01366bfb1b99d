/** The error for an op, or a use of it, that a target cannot be given. */
import type { GraphNode } from "../capture/graph.js";
import { GraphError } from "../errors.js";

/** `found` names the op; `engines` are those that can run it. */
export function refusal(
  { op, layer }: Pick<GraphNode, "op" | "layer">,
  { found, engines = ["wasm", "cpu"] }: { found: string; engines?: readonly string[] },
): GraphError {
  const fixes = ["Take it out", `The eager engine ${engines[0]} can run it`];
  return new GraphError({
    code: "UNSUPPORTED_OP",
    subject: layer === null ? `op ${op}` : `layer "${layer}"`,
    found,
    expected: "ops of the coverage list in the README of @fer/tfjs-graph",
    fix: fixes[engines.length] ?? `The eager engines ${engines.join(" and ")} can run it`,
    context: { op, layer, engines },
  });
}
