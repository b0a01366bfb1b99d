/** Replaces our own ops that a target has no rule for by the tfjs ops that they are composed of. */
import type { Tensor } from "@tensorflow/tfjs";
import { ownOps } from "../ops/own-ops.js";
import { capture } from "./capture.js";
import type { Graph, GraphConstant, GraphNode, Value } from "./graph.js";
import { simplify } from "./simplify.js";

/** @param rules What the target has a rule for, by op. */
export function expand(graph: Graph, rules: Readonly<Record<string, unknown>>): Graph {
  const isMissing = ({ op }: GraphNode): boolean => ownOps.has(op) && !Object.hasOwn(rules, op);
  if (!graph.nodes.some(isMissing)) return graph;
  const fresh = freshValues(graph);
  const parts = graph.nodes.map((node) => (isMissing(node) ? composed(node, fresh) : { nodes: [node], constants: [] }));
  return simplify({
    ...graph,
    constants: [...graph.constants, ...parts.flatMap(({ constants }) => constants)],
    nodes: parts.flatMap(({ nodes }) => nodes),
  });
}

type Fresh = (like: Value) => Value;

function freshValues({ inputs, constants, variables, nodes }: Graph): Fresh {
  const roots = [...inputs, ...constants, ...variables].map(({ value }) => value);
  const known = [...roots, ...nodes.flatMap(({ outputs }) => outputs)];
  let next = 1 + known.reduce((most, { id }) => Math.max(most, id), 0);
  return ({ shape, dtype }) => ({ id: next++, shape, dtype });
}

/** The op traced on inputs of its shapes, with values of the graph that it is put in. */
function composed(node: GraphNode, fresh: Fresh): { nodes: GraphNode[]; constants: GraphConstant[] } {
  const { op, layer, attributes } = node;
  const names = Object.keys(node.inputs);
  const specs = Object.entries(node.inputs).map(([name, { shape, dtype }]) => ({ name, shape: [...shape], dtype }));
  const run = (...given: Tensor[]): Tensor[] =>
    ownOps.get(op)!.compose(Object.fromEntries(given.map((tensor, i) => [names[i]!, tensor])), attributes as never);
  const traced = capture(run, specs);
  const values = new Map<Value, Value>(traced.inputs.map(({ name, value }) => [value, node.inputs[name]!]));
  const made = (value: Value): Value => {
    const known = values.get(value) ?? fresh(value);
    values.set(value, known);
    return known;
  };
  const constants = traced.constants.map(({ value, data }) => ({ value: made(value), data }));
  const nodes = traced.nodes.map((part): GraphNode => {
    const inputs = Object.fromEntries(Object.entries(part.inputs).map(([name, value]) => [name, made(value)]));
    return { ...part, inputs, outputs: part.outputs.map(made), layer };
  });
  // An output may be an input, or come twice: each is given on by a node of its own, which simplifying drops.
  const given = traced.outputs.map(({ value }, i): GraphNode => ({
    op: "Identity",
    inputs: { x: made(value) },
    attributes: {},
    outputs: [node.outputs[i]!],
    layer,
  }));
  return { nodes: [...nodes, ...given], constants };
}
