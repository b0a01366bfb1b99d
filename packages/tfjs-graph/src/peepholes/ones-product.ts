/** `x * ones`: the gradients of tfjs broadcast that way. It becomes `BroadcastTo`, or x itself where shapes agree. */
import { producers, type Graph, type GraphNode, type Value } from "../capture/graph.js";

export function onesProduct(graph: Graph): Graph {
  const producer = producers(graph);
  const isOnes = (value: Value): boolean => {
    const node = producer.get(value);
    return node?.op === "Fill" && node.attributes.value === 1;
  };
  const nodes = graph.nodes.map((node): GraphNode => {
    const { a, b } = node.inputs;
    if (node.op !== "Multiply" || node.outputs[0]!.dtype !== "float32") return node;
    const x = isOnes(b!) ? a! : isOnes(a!) ? b! : null;
    if (x === null) return node;
    const { shape } = node.outputs[0]!;
    if (x.shape.join() === shape.join()) return { ...node, op: "Identity", inputs: { x }, attributes: {} };
    return { ...node, op: "BroadcastTo", inputs: { x }, attributes: { shape } };
  });
  return { ...graph, nodes };
}
