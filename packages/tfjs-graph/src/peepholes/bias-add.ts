/** `x + b` with b a vector along the last axis of x becomes `BiasAdd`. */
import type { Graph, GraphNode } from "../capture/graph.js";

export function biasAdd(graph: Graph): Graph {
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.op !== "Add") return node;
    const [x, bias] = [node.inputs.a!, node.inputs.b!];
    const isBias = x.dtype === "float32" && x.shape.length > 1 && bias.shape.length === 1;
    if (!isBias || bias.shape[0] !== x.shape.at(-1)) return node;
    return { ...node, op: "BiasAdd", inputs: { x, bias } };
  });
  return { ...graph, nodes };
}
