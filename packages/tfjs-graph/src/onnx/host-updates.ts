/**
 * Optimizer updates on the host. As a graph, Adam is a dozen passes over every weight, and onnxruntime-node copies
 * each output into fresh memory; here it is one pass, in place, over the memory that the session reads its weights
 * from. What a graph would do is done all the same: the plan comes from the captured nodes.
 */
import { consumers, type Graph, type GraphNode, type Value } from "../capture/graph.js";
import { updateOps } from "../ops/updates/index.js";

/** Where an operand of an update comes from: a variable, a scalar input of the function, or the session, by name. */
export interface HostOperand {
  from: "variable" | "input" | "session";
  name: string;
}

export interface HostUpdate {
  op: string;
  attributes: GraphNode["attributes"];
  operands: Readonly<Record<string, HostOperand>>;
}

export interface HostPlan {
  /** In order of execution. */
  updates: HostUpdate[];
  /** Variables whose next value the updates make. */
  updated: ReadonlySet<string>;
  /** What the session has to give out for them, in the layout of the variable that it changes. */
  operands: readonly { name: string; value: Value; variable: string }[];
}

/** Finds the updates at the end of the graph that can run in place. */
export function planHostUpdates(graph: Graph): HostPlan {
  const chosen = chooseNodes(graph);
  const variables = new Map(graph.variables.map(({ name, value }) => [value, name]));
  const inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
  const updates: HostUpdate[] = [];
  const updated = new Set<string>();
  const given: { name: string; value: Value; variable: string }[] = [];
  for (const node of graph.nodes) {
    if (!chosen.has(node)) continue;
    const { states } = updateOps[node.op]!;
    const changed = variables.get(node.inputs[states[0]!]!)!;
    const operands = Object.fromEntries(
      Object.entries(node.inputs).map(([key, value]): [string, HostOperand] => {
        const [variable, input] = [variables.get(value), inputs.get(value)];
        if (variable !== undefined) return [key, { from: "variable", name: variable }];
        if (input !== undefined) return [key, { from: "input", name: input }];
        const name = `operand:${value.id}`;
        given.push({ name, value, variable: changed });
        return [key, { from: "session", name }];
      }),
    );
    updates.push({ op: node.op, attributes: node.attributes, operands });
    states.forEach((name, i) => {
      const variable = variables.get(node.inputs[name]!)!;
      // From here on the new value is what lies in the variable's memory.
      variables.set(node.outputs[i]!, variable);
      updated.add(variable);
    });
  }
  return { updates, updated, operands: given };
}

/** Updates of variables whose new values nothing reads but other chosen updates, and that end up in the same variable. */
function chooseNodes(graph: Graph): Set<GraphNode> {
  const chosen = new Set<GraphNode>();
  const readers = consumers(graph);
  const outputs = new Set(graph.outputs.map(({ value }) => value));
  const variableOf = new Map(graph.variables.map((variable) => [variable.value, variable]));
  for (const node of graph.nodes.toReversed()) {
    const states = updateOps[node.op]?.states;
    if (states === undefined) continue;
    const fits = states.every((name, i) => {
      const output = node.outputs[i]!;
      const isRead = (readers.get(output) ?? []).every((reader) => chosen.has(reader));
      return isRead && !outputs.has(output) && variableOf.get(node.inputs[name]!)?.next === output;
    });
    if (fits) chosen.add(node);
  }
  return chosen;
}
