/**
 * Rewrites that every lowering wants and that change no number: drops `Identity` and casts to the same type, merges
 * nodes that compute the same thing, removes what nothing reads.
 */
import type { Graph, GraphNode, Value } from "./graph.js";

export function simplify(graph: Graph): Graph {
  const replaced = new Map<Value, Value>();
  const resolve = (value: Value): Value => replaced.get(value) ?? value;
  const seen = new Map<string, GraphNode>();
  const nodes: GraphNode[] = [];
  for (const original of graph.nodes) {
    const inputs = Object.fromEntries(Object.entries(original.inputs).map(([key, value]) => [key, resolve(value)]));
    const node: GraphNode = { ...original, inputs };
    if (isNoOp(node)) {
      replaced.set(node.outputs[0]!, inputs.x!);
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

function isNoOp({ op, inputs, outputs }: GraphNode): boolean {
  const [x, y] = [inputs.x, outputs[0]!];
  if (x === undefined || x.dtype !== y.dtype || !sameShape(x, y)) return false;
  return op === "Identity" || op === "Cast" || op === "Reshape";
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
