/** `dy * step(x)` becomes `ReluGrad(dy, relu(x))`: one op, and x need not be kept where relu(x) is. */
import { producers, type Graph, type GraphNode } from "../capture/graph.js";

export function reluGrad(graph: Graph): Graph {
  const producer = producers(graph);
  const relus = new Map(graph.nodes.filter(({ op }) => op === "Relu").map((node) => [node.inputs.x, node.outputs[0]!]));
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.op !== "Multiply") return node;
    const { a, b } = node.inputs;
    for (const [dy, factor] of [
      [a!, b!],
      [b!, a!],
    ] as const) {
      const step = producer.get(factor);
      if (step?.op !== "Step" || step.attributes.alpha !== 0 || dy.shape.join() !== factor.shape.join()) continue;
      const x = step.inputs.x!;
      return { ...node, op: "ReluGrad", inputs: { dy, features: relus.get(x) ?? x } };
    }
    return node;
  });
  return { ...graph, nodes };
}
