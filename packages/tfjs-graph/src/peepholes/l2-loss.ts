/** `sum(x^2)` over everything becomes twice `L2Loss(x)`, which reads x once and writes nothing in between. */
import { producers, type Graph, type GraphNode, type Value } from "../capture/graph.js";

export function l2Loss(graph: Graph): Graph {
  const producer = producers(graph);
  let id = Math.max(0, ...graph.nodes.flatMap((node) => node.outputs.map((value) => value.id))) + 1;
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    const square = node.op === "Sum" ? producer.get(node.inputs.x!) : undefined;
    if (square?.op !== "Square" || square.inputs.x!.dtype !== "float32" || node.outputs[0]!.shape.length > 0)
      return [node];
    const half: Value = { id: id++, shape: [], dtype: "float32" };
    return [
      { ...node, op: "L2Loss", inputs: { x: square.inputs.x! }, attributes: {}, outputs: [half] },
      { ...node, op: "Add", inputs: { a: half, b: half }, attributes: {} },
    ];
  });
  return { ...graph, nodes };
}
