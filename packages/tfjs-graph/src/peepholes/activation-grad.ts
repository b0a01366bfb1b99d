/** tfjs writes `dy * (y * (1 - y))` for sigmoid and `dy * (1 - y^2)` for tanh; TensorFlow has one op for each. */
import { producers, type Graph, type GraphNode, type Value } from "../capture/graph.js";

export function activationGrad(graph: Graph): Graph {
  const producer = producers(graph);
  const ones = new Set(
    graph.constants.filter(({ data }) => data.length === 1 && data[0] === 1).map(({ value }) => value),
  );
  const isOutputOf = (value: Value, op: string): boolean => producer.get(value)?.op === op;

  /** y, when `value` is the derivative of `op` written in terms of its output y. */
  const derivative = (value: Value): { op: "SigmoidGrad" | "TanhGrad"; y: Value } | null => {
    const node = producer.get(value);
    if (node?.op === "Multiply") {
      const y = node.inputs.a!;
      const rest = producer.get(node.inputs.b!);
      const isSigmoid =
        rest?.op === "Sub" && ones.has(rest.inputs.a!) && rest.inputs.b === y && isOutputOf(y, "Sigmoid");
      return isSigmoid ? { op: "SigmoidGrad", y } : null;
    }
    if (node?.op !== "Sub" || !ones.has(node.inputs.a!)) return null;
    const square = producer.get(node.inputs.b!);
    const y = square?.inputs.x;
    return square?.op === "Square" && y !== undefined && isOutputOf(y, "Tanh") ? { op: "TanhGrad", y } : null;
  };

  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.op !== "Multiply") return node;
    const { a, b } = node.inputs;
    for (const [one, other] of [
      [a!, b!],
      [b!, a!],
    ] as const) {
      const found = derivative(one);
      if (found === null || other.shape.join() !== found.y.shape.join()) continue;
      return { ...node, op: found.op, inputs: { dy: other, y: found.y } };
    }
    return node;
  });
  return { ...graph, nodes };
}
