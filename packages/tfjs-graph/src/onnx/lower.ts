/** Turns a captured graph into an ONNX model. */
import type { Graph, GraphConstant, GraphInput, Value } from "../capture/graph.js";
import { nodesBehind } from "../capture/simplify.js";
import type { Peepholes } from "../peepholes/index.js";
import { GraphBuilder } from "./graph-builder.js";
import { physicalShape, type Layout } from "./layout.js";
import { Lowering, type MaskFeed, type OnnxTarget } from "./lowering.js";
import type { OnnxModel } from "./model.js";
import { loweringRules } from "./ops/index.js";
import { refusal } from "../lowering/refusal.js";

/** A value that the session is to give out. */
export interface Result {
  name: string;
  value: Value;
  layout: Layout;
}

export interface LowerOptions {
  target: OnnxTarget;
  peepholes: Peepholes;
  /** What is wanted; nothing else is computed. */
  results: readonly Result[];
  /** Layout in which each variable is fed. */
  layouts: ReadonlyMap<Value, Layout>;
  /** What stands for a number of rows that is not known. */
  rows?: number;
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
export function lower(graph: Graph, { target, peepholes, results, layouts, rows }: LowerOptions): LoweredGraph {
  const wanted = new Set(results.map(({ value }) => value));
  const { nodes, live } = nodesBehind(graph, wanted);
  const builder = new GraphBuilder(rows);
  const lowering = new Lowering(builder, { target, peepholes, graph: { ...graph, nodes }, results: wanted });
  const inputs = graph.inputs.filter(({ value }) => live.has(value));
  const variables = graph.variables.filter(({ value }) => live.has(value));
  for (const { name, value } of inputs)
    lowering.set(value, { name: builder.input({ name, type: value.dtype, shape: value.shape }) });
  for (const { name, value } of variables) {
    const layout = layouts.get(value) ?? null;
    const shape = physicalShape(value.shape, layout);
    lowering.set(value, { name: builder.input({ name, type: value.dtype, shape }), layout });
  }
  for (const constant of graph.constants) if (live.has(constant.value)) setConstant(lowering, constant);
  for (const node of nodes) {
    if (node.outputs.every((output) => lowering.isLowered(output))) continue;
    const rule = loweringRules[node.op];
    if (rule === undefined) throw refusal(node, { found: `onnxruntime has no rule for the op ${node.op}` });
    builder.scope = `${node.layer ?? ""}/${node.op}`;
    rule(node, lowering);
  }
  builder.scope = "";
  for (const { name, value, layout } of results) {
    const info = { name, type: value.dtype, shape: physicalShape(value.shape, layout) };
    builder.output(info, lowering.in(value, layout));
  }
  return { model: builder.finish("step"), variables: variables.map(({ name }) => name), inputs, masks: lowering.masks };
}

function setConstant(lowering: Lowering, { value, data }: GraphConstant): void {
  lowering.set(value, { name: lowering.graph.constant(data, { type: value.dtype, shape: value.shape }) });
}

/** A value that several readers want is given out once. */
export const uniqueResults = (results: readonly Result[]): Result[] => [
  ...new Map(results.map((result) => [result.name, result])).values(),
];
