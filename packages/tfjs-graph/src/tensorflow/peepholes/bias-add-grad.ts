/** A sum over all axes but the last becomes `BiasAddGrad`, which TensorFlow does faster than a general reduction. */
import type { Graph, GraphNode } from "../../capture/graph.js";

export function biasAddGrad(graph: Graph): Graph {
  const nodes = graph.nodes.map((node): GraphNode => {
    const x = node.inputs.x;
    if (node.op !== "Sum" || x?.dtype !== "float32" || x.shape.length < 2 || node.attributes.keepDims === true)
      return node;
    const axes = node.attributes.axes as number[];
    if (axes.length !== x.shape.length - 1 || axes.includes(x.shape.length - 1)) return node;
    return { ...node, op: "BiasAddGrad", attributes: {} };
  });
  return { ...graph, nodes };
}
