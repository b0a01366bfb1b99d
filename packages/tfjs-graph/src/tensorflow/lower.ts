/**
 * Captured graphs -> one TensorFlow graph. All functions (the update for each batch size, predictions) share the
 * variables of one graph, because a TensorFlow session keeps its variables to itself.
 *
 *     feeds    <function>/<input>, <variable>/value
 *     fetches  <function>/<output>, init, <variable>/read
 */
import { expand } from "../capture/expand.js";
import type { Graph, GraphInput, GraphNode, Value } from "../capture/graph.js";
import { nodesBehind } from "../capture/simplify.js";
import type { NamedGraph } from "../lowering/target.js";
import type { Peepholes } from "../peepholes/index.js";
import { attr, GraphDefBuilder, type Ref } from "./graph-def.js";
import { refusal } from "../lowering/refusal.js";
import { Lowering, type Precision } from "./lowering.js";
import { rules } from "./ops/index.js";
import { assign } from "./ops/updates.js";

export interface LowerOptions {
  precision: Precision;
  peepholes: Peepholes;
  /** What stands for a number of rows that is not known. */
  rows?: number;
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

/** Lowers all functions over the same variables, which are given by the names that the functions have for them. */
export function lower(
  { functions, variables }: { functions: readonly NamedGraph[]; variables: ReadonlyMap<string, ProgramVariable> },
  options: LowerOptions,
): LoweredProgram {
  const builder = new GraphDefBuilder(options.rows);
  // A graph to be given away holds its weights as constants.
  const handles = options.rows === undefined ? declare(variables, builder) : new Map<string, Ref>();
  for (const added of functions) {
    builder.scope = added.name;
    const graph = options.peepholes.rewrite(expand(added.graph, rules));
    lowerFunction({ ...added, graph }, { handles, to: new Lowering(builder, options.precision) });
  }
  return { graph: builder.finish(), opCounts: builder.opCounts };
}

const float = attr.type("float32");

/** Variables, a function `init` that sets all of them, and a read of each. */
function declare(variables: ReadonlyMap<string, ProgramVariable>, builder: GraphDefBuilder): Map<string, Ref> {
  const handles = new Map<string, Ref>();
  const inits: Ref[] = [];
  for (const [known, { name, shape }] of variables) {
    const attributes = {
      dtype: float,
      shape: attr.shape(shape),
      shared_name: attr.string(name),
      container: attr.string(""),
    };
    const handle = builder.node({ op: "VarHandleOp", name, attributes }, []);
    const fed = { dtype: float, shape: attr.shape(shape) };
    const value = builder.node({ op: "Placeholder", name: `${name}/value`, attributes: fed }, []);
    const init = { op: "AssignVariableOp", name: `${name}/init`, attributes: { dtype: float } };
    inits.push(builder.node(init, [handle, value]));
    builder.node({ op: "ReadVariableOp", name: `${name}/read`, attributes: { dtype: float } }, [handle]);
    handles.set(known, handle);
  }
  const done = attr.tensor(new Uint8Array(4), { type: "float32", shape: [] });
  builder.node(
    { op: "Const", name: "init", attributes: { dtype: float, value: done } },
    inits.map((ref) => `^${ref}`),
  );
  return handles;
}

function lowerFunction(
  { graph, guard }: NamedGraph,
  { handles, to }: { handles: ReadonlyMap<string, Ref>; to: Lowering },
): void {
  const { builder } = to;
  const { scope } = builder;
  for (const { name, value } of graph.inputs) {
    const attributes = { dtype: attr.type(value.dtype), shape: attr.shape(builder.sizes(value.shape)) };
    to.set(value, builder.node({ op: "Placeholder", name: `${scope}/${name}`, attributes }, []));
  }
  for (const { value, data } of graph.constants)
    to.set(value, builder.constant(data, { type: value.dtype, shape: value.shape }));
  const reads: Ref[] = [];
  for (const variable of graph.variables) {
    const handle = handles.get(variable.name)!;
    const read = builder.node({ op: "ReadVariableOp", attributes: { dtype: float } }, [handle]);
    to.set(variable.value, read);
    to.variables.set(variable.value, { handle, after: [`^${read}`] });
    if (variable.next !== null) to.nexts.set(variable.next, variable.value);
    reads.push(read);
  }
  const guarded = graph.outputs.find(({ name }) => name === guard)?.value;
  to.mayWrite = guarded === undefined;
  for (const node of guardFirst(graph, guarded)) {
    const rule = rules[node.op];
    if (rule === undefined) throw refusal(node, { found: `TensorFlow has no rule for the op ${node.op}` });
    rule(node, to);
    if (guarded !== undefined && node.outputs.includes(guarded)) addGuard({ name: guard!, value: guarded }, to);
  }
  for (const { value, next } of graph.variables) {
    if (next !== null) assign(next, { variable: to.variables.get(value)!, to });
  }
  const after = to.updates.map((update) => `^${update}`);
  for (const { name, value } of graph.outputs) {
    // In the type of tfjs: the addon cannot read bfloat16.
    const output = to.ref(value, value.dtype);
    const identity = { op: "Identity", name: `${scope}/${name}`, attributes: { T: attr.type(value.dtype) } };
    builder.node(identity, [output, ...after]);
  }
}

/** The nodes with those first that the guard needs: whatever waits for the guard is lowered after it. */
function guardFirst(graph: Graph, guard: Value | undefined): GraphNode[] {
  const before = new Set(nodesBehind(graph, guard === undefined ? [] : [guard]).nodes);
  return [...before, ...graph.nodes.filter((node) => !before.has(node))];
}

/** Every update waits for a check that the guard is finite: a bad step fails before it has written anything. */
function addGuard({ name, value }: GraphInput, to: Lowering): void {
  const attributes = { message: attr.string(name) };
  const check = to.op({ op: "CheckNumerics", type: "float32", attributes }, [to.ref(value, "float32")]);
  for (const variable of to.variables.values()) variable.after.push(`^${check}`);
  to.mayWrite = true;
}
