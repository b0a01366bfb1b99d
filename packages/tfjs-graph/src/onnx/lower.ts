/** Turns a captured graph into an ONNX model. */
import type { Graph, GraphConstant, GraphInput, Value } from "../capture/graph.js";
import { GraphBuilder } from "./graph-builder.js";
import { physicalShape, type Layout } from "./layout.js";
import { Lowering, type MaskFeed, type OnnxTarget } from "./lowering.js";
import type { OnnxModel, OnnxType } from "./model.js";
import { loweringRules } from "./ops/index.js";
import type { OnnxPeephole } from "./peepholes/index.js";
import { refusal } from "./refusal.js";

/** A value that the session is to give out. */
export interface Result {
  name: string;
  value: Value;
  layout: Layout;
}

export interface LowerOptions {
  target: OnnxTarget;
  peepholes: ReadonlySet<OnnxPeephole>;
  /** What is wanted; nothing else is computed. */
  results: readonly Result[];
  /** Layout in which each variable is fed. */
  layouts: ReadonlyMap<Value, Layout>;
}

export interface LoweredGraph {
  model: OnnxModel;
  /** Names of the variables that the model reads. */
  variables: readonly string[];
  /** The captured inputs that the model reads. */
  inputs: readonly GraphInput[];
  masks: readonly MaskFeed[];
}

/**
 * Lowers what `results` need of a captured graph.
 *
 * @throws GraphError that names op, layer and the engines that can run it, for an op without a rule.
 */
export function lower(graph: Graph, { target, peepholes, results, layouts }: LowerOptions): LoweredGraph {
  const wanted = new Set(results.map(({ value }) => value));
  const { nodes, read } = needed(graph, wanted);
  const builder = new GraphBuilder();
  const lowering = new Lowering(builder, target, peepholes, nodes, new Set([...wanted].map(({ id }) => id)));
  const inputs = graph.inputs.filter(({ value }) => read.has(value));
  const variables = graph.variables.filter(({ value }) => read.has(value));
  for (const { name, value } of inputs) lowering.set(value, builder.input(name, value.dtype, value.shape), null);
  for (const { name, value } of variables) {
    const layout = layouts.get(value) ?? null;
    lowering.set(value, builder.input(name, value.dtype, physicalShape(value.shape, layout)), layout);
  }
  for (const constant of graph.constants) if (read.has(constant.value)) setConstant(lowering, constant);
  for (const node of nodes) {
    if (node.outputs.every((output) => lowering.isLowered(output))) continue;
    const rule = loweringRules[node.op];
    if (rule === undefined) throw refusal(node, "the onnx engine has no rule for it");
    builder.scope = `${node.layer ?? ""}/${node.op}`;
    rule(node, lowering);
  }
  builder.scope = "";
  for (const { name, value, layout } of results) {
    builder.output(name, lowering.in(value, layout), value.dtype as OnnxType, physicalShape(value.shape, layout));
  }
  return { model: builder.finish("step"), variables: variables.map(({ name }) => name), inputs, masks: lowering.masks };
}

/** The nodes behind the wanted values, in order, and all values that they or the caller read. */
function needed(graph: Graph, wanted: ReadonlySet<Value>) {
  const read = new Set(wanted);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => read.has(output))) return false;
    for (const input of Object.values(node.inputs)) read.add(input);
    return true;
  });
  return { nodes: nodes.toReversed(), read };
}

function setConstant(lowering: Lowering, { value, data }: GraphConstant): void {
  lowering.set(value, lowering.graph.constant(value.dtype, value.shape, data), null);
}

/** Name of the output that holds the next value of a variable. */
export const nextName = (variable: string): string => `next:${variable}`;

/** The values that variables have after the step, in the layouts they are kept in. */
export function nextValues(graph: Graph, layouts: ReadonlyMap<Value, Layout>): (Result & { variable: string })[] {
  return graph.variables.flatMap(({ name, value, next }) =>
    next === null ? [] : [{ variable: name, name: nextName(name), value: next, layout: layouts.get(value) ?? null }],
  );
}

/** A value that several readers want is given out once. */
export const uniqueResults = (results: readonly Result[]): Result[] => [
  ...new Map(results.map((result) => [result.name, result])).values(),
];
