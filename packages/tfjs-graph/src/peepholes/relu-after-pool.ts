/**
 * max(relu(x)) = relu(max(x)): with the pool first, the ReLU and its gradient work on the pooled tensor.
 *
 *     r = Relu(x), p = MaxPool(r), d = MaxPoolGrad(dy, r, p), dx = d * Step(x)
 *     m = MaxPool(x), p = Relu(m), dx = MaxPoolGrad(dy * Step(m), x, m)
 *
 * Where a window's maximum is positive, its position is the same in x and r; where it is not, dx is zero either way.
 */
import { consumers, producers, type Graph, type GraphNode, type Value } from "../capture/graph.js";
import { withoutDeadNodes } from "../capture/simplify.js";

interface Match {
  relu: GraphNode;
  pool: GraphNode;
  /** MaxPoolGrad and the multiplication by Step behind it. */
  gradient: GraphNode;
  product: GraphNode;
}

export function reluAfterPool(graph: Graph): Graph {
  let id = Math.max(0, ...allValues(graph).map((value) => value.id)) + 1;
  const fresh = (like: Value): Value => ({ ...like, id: id++ });
  const replaced = new Map<GraphNode, GraphNode[]>();
  for (const { relu, pool, gradient, product } of matches(graph)) {
    const x = relu.inputs.x!;
    const pooled = pool.outputs[0]!;
    const [maximum, step, slope] = [fresh(pooled), fresh(pooled), fresh(pooled)];
    replaced.set(relu, []);
    replaced.set(pool, [
      { ...pool, inputs: { x }, outputs: [maximum] },
      { ...relu, inputs: { x: maximum }, outputs: [pooled] },
    ]);
    replaced.set(gradient, []);
    replaced.set(product, [
      { ...product, op: "Step", inputs: { x: maximum }, attributes: { alpha: 0 }, outputs: [step] },
      { ...product, inputs: { a: gradient.inputs.dy!, b: step }, outputs: [slope] },
      { ...gradient, inputs: { dy: slope, input: x, output: maximum }, outputs: product.outputs },
    ]);
  }
  return withoutDeadNodes({ ...graph, nodes: graph.nodes.flatMap((node) => replaced.get(node) ?? [node]) });
}

function matches(graph: Graph): Match[] {
  const readers = consumers(graph);
  const producer = producers(graph);
  const results = new Set([...graph.outputs.map(({ value }) => value), ...graph.variables.map(({ next }) => next)]);
  return graph.nodes.flatMap((relu): Match[] => {
    const [x, output] = [relu.inputs.x, relu.outputs[0]!];
    if (relu.op !== "Relu" || results.has(output)) return [];
    const read = readers.get(output) ?? [];
    const [pool, gradient] = ["MaxPool", "MaxPoolGrad"].map((op) => read.find((node) => node.op === op));
    if (read.length !== 2 || pool === undefined || gradient === undefined) return [];
    if (gradient.inputs.input !== output || gradient.inputs.output !== pool.outputs[0]) return [];
    const [product, ...others] = readers.get(gradient.outputs[0]!) ?? [];
    if (product?.op !== "Multiply" || others.length > 0 || results.has(gradient.outputs[0]!)) return [];
    const factor = product.inputs.a === gradient.outputs[0] ? product.inputs.b! : product.inputs.a!;
    const step = producer.get(factor);
    const isSlope = step?.op === "Step" && step.attributes.alpha === 0 && step.inputs.x === x;
    return isSlope ? [{ relu, pool, gradient, product }] : [];
  });
}

const allValues = (graph: Graph): Value[] => [
  ...graph.inputs.map(({ value }) => value),
  ...graph.constants.map(({ value }) => value),
  ...graph.variables.map(({ value }) => value),
  ...graph.nodes.flatMap((node) => node.outputs),
];
