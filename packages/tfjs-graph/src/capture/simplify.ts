/**
 * Rewrites that every lowering wants and that change no number: drops `Identity`, casts to the same type and products
 * with the number 1 (swish of tfjs-layers is `x * sigmoid(1 * x)`), merges nodes that compute the same thing, removes
 * what nothing reads.
 */
import type { Graph, GraphNode, Value } from "./graph.js";

export function simplify(graph: Graph): Graph {
  const replaced = new Map<Value, Value>();
  const resolve = (value: Value): Value => replaced.get(value) ?? value;
  const seen = new Map<string, GraphNode>();
  const nodes: GraphNode[] = [];
  const ones = new Set(
    graph.constants.filter(({ data }) => data.length === 1 && data[0] === 1).map(({ value }) => value),
  );
  for (const original of graph.nodes) {
    const inputs = Object.fromEntries(Object.entries(original.inputs).map(([key, value]) => [key, resolve(value)]));
    const node: GraphNode = { ...original, inputs };
    const same = passedOn(node, ones);
    if (same !== undefined) {
      replaced.set(node.outputs[0]!, same);
      continue;
    }
    const key = signature(node);
    const twin = seen.get(key);
    if (twin !== undefined) {
      node.outputs.forEach((value, i) => replaced.set(value, twin.outputs[i]!));
      continue;
    }
    seen.set(key, node);
    nodes.push(node);
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: resolve(value) }));
  const variables = graph.variables.map((v) => ({ ...v, next: v.next === null ? null : resolve(v.next) }));
  return withoutDeadNodes({ ...graph, nodes, outputs, variables });
}

const sameShape = (a: Value, b: Value): boolean => a.shape.join() === b.shape.join();

/** The input that a node gives as it is, where it does no more than that. */
function passedOn({ op, inputs, outputs }: GraphNode, ones: ReadonlySet<Value>): Value | undefined {
  const y = outputs[0]!;
  const isSame = (x: Value | undefined): boolean => x !== undefined && x.dtype === y.dtype && sameShape(x, y);
  if (op === "Identity" || op === "Cast" || op === "Reshape") return isSame(inputs.x) ? inputs.x : undefined;
  if (op !== "Multiply") return undefined;
  const { a, b } = inputs as Record<"a" | "b", Value>;
  if (ones.has(b) && isSame(a)) return a;
  return ones.has(a) && isSame(b) ? b : undefined;
}

function signature(node: GraphNode): string {
  const inputs = Object.entries(node.inputs).map(([key, { id }]) => `${key}:${id}`);
  return `${node.op}(${inputs.join()})${JSON.stringify(node.attributes)}`;
}

/** The nodes that make the wanted values, in order, and all values that they or the caller read. */
export function nodesBehind(graph: Graph, wanted: Iterable<Value>): { nodes: GraphNode[]; live: ReadonlySet<Value> } {
  const live = new Set(wanted);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((value) => live.has(value))) return false;
    for (const value of Object.values(node.inputs)) live.add(value);
    return true;
  });
  return { nodes: nodes.toReversed(), live };
}

/** Drops nodes, constants and unchanged variables that neither an output nor a next value needs. */
export function withoutDeadNodes(graph: Graph): Graph {
  const nexts = graph.variables.flatMap(({ next }) => next ?? []);
  const { nodes, live } = nodesBehind(graph, [...graph.outputs.map(({ value }) => value), ...nexts]);
  return {
    ...graph,
    nodes,
    constants: graph.constants.filter(({ value }) => live.has(value)),
    variables: graph.variables.filter(({ value, next }) => next !== null || live.has(value)),
  };
}
