/**
 * Captured graphs -> one TensorFlow graph. All functions (the update for each batch size, predictions) share the
 * variables of one graph, because a TensorFlow session keeps its variables to itself.
 *
 *     feeds    <function>/<input>, <variable>/value
 *     fetches  <function>/<output>, init, <variable>/read
 */
import type { Graph, GraphNode, GraphVariable, Value } from "../capture/graph.js";
import { attr, GraphDefBuilder, type Ref } from "./graph-def.js";
import { Lowering, refuse, type Precision } from "./lowering.js";
import { rules } from "./ops/index.js";
import { assign } from "./ops/updates.js";
import { rewrite, type TensorFlowPeephole } from "./peepholes/index.js";

export interface LowerOptions {
  precision: Precision;
  /** Peepholes to leave out. */
  peepholesOff: readonly TensorFlowPeephole[];
}

/** A captured graph under the name that it is run by. */
export interface NamedGraph {
  name: string;
  graph: Graph;
  /** Name of an output that has to be finite for anything to be written; null writes always. */
  guard: string | null;
}

export interface ProgramVariable {
  /** Name in the TensorFlow graph. */
  name: string;
  shape: readonly number[];
}

export interface LoweredProgram {
  graph: Uint8Array;
  /** How often each TensorFlow op occurs: proof of what runs. */
  opCounts: Readonly<Record<string, number>>;
}

/** Lowers all functions over the same variables. `nameOf` gives the variable of the program behind a captured one. */
export function lower(
  functions: readonly NamedGraph[],
  variables: readonly ProgramVariable[],
  nameOf: (variable: GraphVariable) => string,
  options: LowerOptions,
): LoweredProgram {
  const builder = new GraphDefBuilder();
  const handles = declare(variables, builder);
  for (const { name, graph, guard } of functions) {
    builder.scope = name;
    lowerFunction(rewrite(graph, options.peepholesOff), guard, handles, nameOf, builder, options);
  }
  return { graph: builder.finish(), opCounts: builder.opCounts };
}

const float = attr.type("float32");

/** Variables, a function `init` that sets all of them, and a read of each. */
function declare(variables: readonly ProgramVariable[], builder: GraphDefBuilder): Map<string, Ref> {
  const handles = new Map<string, Ref>();
  const inits: Ref[] = [];
  for (const { name, shape } of variables) {
    const attributes = {
      dtype: float,
      shape: attr.shape(shape),
      shared_name: attr.string(name),
      container: attr.string(""),
    };
    const handle = builder.node("VarHandleOp", [], attributes, name);
    const value = builder.node("Placeholder", [], { dtype: float, shape: attr.shape(shape) }, `${name}/value`);
    inits.push(builder.node("AssignVariableOp", [handle, value], { dtype: float }, `${name}/init`));
    builder.node("ReadVariableOp", [handle], { dtype: float }, `${name}/read`);
    handles.set(name, handle);
  }
  const done = attr.tensor("float32", [], new Uint8Array(4));
  builder.node(
    "Const",
    inits.map((ref) => `^${ref}`),
    { dtype: float, value: done },
    "init",
  );
  return handles;
}

function lowerFunction(
  graph: Graph,
  guard: string | null,
  handles: Map<string, Ref>,
  nameOf: (variable: GraphVariable) => string,
  builder: GraphDefBuilder,
  { precision }: LowerOptions,
): void {
  const to = new Lowering(builder, precision);
  const { scope } = builder;
  for (const { name, value } of graph.inputs) {
    const attributes = { dtype: attr.type(value.dtype), shape: attr.shape(value.shape) };
    to.set(value, builder.node("Placeholder", [], attributes, `${scope}/${name}`));
  }
  for (const { value, data } of graph.constants) to.set(value, builder.constant(value.dtype, value.shape, data));
  const reads: Ref[] = [];
  for (const variable of graph.variables) {
    const handle = handles.get(nameOf(variable))!;
    const read = builder.node("ReadVariableOp", [handle], { dtype: float });
    to.set(variable.value, read);
    to.variables.set(variable.value, { handle, after: [`^${read}`] });
    if (variable.next !== null) to.nexts.set(variable.next, variable.value);
    reads.push(read);
  }
  const guarded = graph.outputs.find(({ name }) => name === guard)?.value;
  to.mayWrite = guarded === undefined;
  for (const node of guardFirst(graph, guarded)) {
    const rule = rules[node.op];
    if (rule === undefined)
      refuse(node, "TensorFlow has no counterpart here", "ops of the coverage list in the README");
    rule!(node, to);
    if (guarded !== undefined && node.outputs.includes(guarded)) addGuard(guarded, to);
  }
  for (const { value, next } of graph.variables) {
    if (next !== null) assign(next, to.variables.get(value)!, to);
  }
  const after = to.updates.map((update) => `^${update}`);
  for (const { name, value } of graph.outputs) {
    // In the type of tfjs: the addon cannot read bfloat16.
    const output = to.ref(value, value.dtype);
    builder.node("Identity", [output, ...after], { T: attr.type(value.dtype) }, `${scope}/${name}`);
  }
}

/** The nodes with those first that the guard needs: whatever waits for the guard is lowered after it. */
function guardFirst(graph: Graph, guard: Value | undefined): GraphNode[] {
  const needed = new Set<Value>(guard === undefined ? [] : [guard]);
  const before = new Set<GraphNode>();
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    before.add(node);
    for (const value of Object.values(node.inputs)) needed.add(value);
  }
  return [...graph.nodes.filter((node) => before.has(node)), ...graph.nodes.filter((node) => !before.has(node))];
}

/** Every update waits for a check that the guard is finite: a bad step fails before it has written anything. */
function addGuard(value: Value, to: Lowering): void {
  const check = to.op("CheckNumerics", [to.ref(value, "float32")], { message: attr.string("loss") }, "float32");
  for (const variable of to.variables.values()) variable.after.push(`^${check}`);
  to.mayWrite = true;
}
