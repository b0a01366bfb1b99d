/**
 * Optimizer updates on the host. As a graph, Adam is a dozen passes over every weight, and onnxruntime-node copies
 * each output into fresh memory; here it is one pass, in place, over the memory that the session reads its weights
 * from. What a graph would do is done all the same: the plan comes from the captured nodes.
 */
import type { Graph, GraphNode, Value } from "../capture/graph.js";
import { updateStates } from "./variable-layouts.js";

/** Where an operand of an update comes from. */
export type HostOperand =
  | { from: "variable"; variable: string }
  /** A scalar input of the captured function. */
  | { from: "input"; input: string }
  /** A value that the session computes. */
  | { from: "session"; value: Value };

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
}

/** Finds the updates at the end of the graph that can run in place. */
export function planHostUpdates(graph: Graph): HostPlan {
  const chosen = chooseNodes(graph);
  const variables = new Map(graph.variables.map(({ name, value }) => [value, name]));
  const inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
  const updates: HostUpdate[] = [];
  const updated = new Set<string>();
  for (const node of graph.nodes) {
    if (!chosen.has(node)) continue;
    const operands = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]): [string, HostOperand] => {
        const [variable, input] = [variables.get(value), inputs.get(value)];
        if (variable !== undefined) return [name, { from: "variable", variable }];
        return [name, input === undefined ? { from: "session", value } : { from: "input", input }];
      }),
    );
    updates.push({ op: node.op, attributes: node.attributes, operands });
    updateStates[node.op]!.forEach((name, i) => {
      const variable = variables.get(node.inputs[name]!)!;
      // From here on the new value is what lies in the variable's memory.
      variables.set(node.outputs[i]!, variable);
      updated.add(variable);
    });
  }
  return { updates, updated };
}

/** Updates of variables whose new values nothing reads but other chosen updates, and that end up in the same variable. */
function chooseNodes(graph: Graph): Set<GraphNode> {
  const chosen = new Set<GraphNode>();
  const readers = new Map<Value, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const value of Object.values(node.inputs)) readers.set(value, [...(readers.get(value) ?? []), node]);
  }
  const outputs = new Set(graph.outputs.map(({ value }) => value));
  const variableOf = new Map(graph.variables.map((variable) => [variable.value, variable]));
  for (const node of graph.nodes.toReversed()) {
    const states = updateStates[node.op];
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

/** Memory of an operand; scalars have one element. */
export type HostOperands = Readonly<Record<string, Float32Array>>;

type HostKernel = (operands: HostOperands, attributes: Readonly<Record<string, number>>) => void;

const kernels: Record<string, HostKernel> = {
  SgdUpdate({ weight, gradient, learningRate }, { weightDecay }) {
    const rate = learningRate![0]!;
    const keep = 1 - rate * weightDecay!;
    for (let i = 0; i < weight!.length; i++) weight![i] = weight![i]! * keep - rate * gradient![i]!;
  },
  SgdMomentumUpdate({ weight, velocity, gradient, learningRate }, { momentum, nesterov, weightDecay }) {
    const [w, v, g] = [weight!, velocity!, gradient!];
    const rate = learningRate![0]!;
    const keep = 1 - rate * weightDecay!;
    for (let i = 0; i < w.length; i++) {
      const push = rate * g[i]!;
      const next = momentum! * v[i]! - push;
      v[i] = next;
      w[i] = w[i]! * keep + (nesterov ? momentum! * next - push : next);
    }
  },
  AdamUpdate({ weight, m, v, gradient, learningRate, stepSize }, { beta1, beta2, epsilon, weightDecay }) {
    const [w, first, second, g] = [weight!, m!, v!, gradient!];
    const [size, keep] = [stepSize![0]!, 1 - learningRate![0]! * weightDecay!];
    const [share1, share2, small] = [1 - beta1!, 1 - beta2!, epsilon!];
    for (let i = 0; i < w.length; i++) {
      const slope = g[i]!;
      const mean = first[i]! + (slope - first[i]!) * share1;
      const square = second[i]! + (slope * slope - second[i]!) * share2;
      first[i] = mean;
      second[i] = square;
      w[i] = w[i]! * keep - (size * mean) / (Math.sqrt(square) + small);
    }
  },
  EmaUpdate({ average, value }, { decay }) {
    const share = 1 - decay!;
    for (let i = 0; i < average!.length; i++) average![i]! += (value![i]! - average![i]!) * share;
  },
};

/** Runs one update in place. */
export function runHostUpdate({ op, attributes }: HostUpdate, operands: HostOperands): void {
  kernels[op]!(operands, attributes as Readonly<Record<string, number>>);
}
