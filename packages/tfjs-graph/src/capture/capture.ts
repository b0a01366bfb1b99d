/** Runs a tfjs function once on symbolic tensors and returns what it did as a {@link Graph}. */
import type { Tensor, Variable } from "@tensorflow/tfjs";
import { GraphError } from "../errors.js";
import { tf } from "../tf.js";
import type { Graph, GraphInput, GraphVariable, InputSpec } from "./graph.js";
import { Recorder } from "./recorder.js";
import { simplify } from "./simplify.js";
import { withRecorder } from "./trace-backend.js";
import { withoutRandomness } from "./without-randomness.js";

/** What a captured function may return. */
export type Outputs = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

export interface CaptureOptions {
  /** Names, shapes and types of the arguments. */
  inputs: readonly InputSpec[];
  /** Name of a variable in the graph; the name of the tfjs variable where left out. */
  nameOf?: (variable: Variable) => string;
}

/** Parts of tfjs' engine that keep reference counts right while a variable stands in for another value. */
interface Backend {
  incRef(dataId: object): void;
  disposeData(dataId: object): boolean;
}
interface EngineInternals {
  state: { registeredVariables: Record<string, Variable>; tensorInfo: WeakMap<object, { backend: Backend }> };
  disposeTensor(tensor: Tensor): void;
  incRef(tensor: Tensor, backend: Backend): void;
}

/**
 * Captures `run` for inputs of the given shapes. Variables that it reads become variables of the graph; those that it
 * assigns get a `next` value there and keep their own value outside. Other tensors from outside become constants.
 *
 * @param run A function of tensors, made of tfjs ops; it must not read values or draw unseeded random numbers.
 * @param inputs Names, shapes and types of its arguments, or these with options.
 * @throws GraphError naming op and layer when something cannot be captured.
 * @example
 * ```ts
 * import { capture, print } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const w = tf.variable(tf.ones([3, 1]), true, "w");
 * const graph = capture((x) => ({ y: tf.matMul(x as tf.Tensor2D, w as never) }), [{ name: "x", shape: [2, 3] }]);
 * console.log(print(graph));
 * ```
 */
export function capture(run: (...inputs: Tensor[]) => Outputs, inputs: readonly InputSpec[] | CaptureOptions): Graph {
  const options = "inputs" in inputs ? inputs : { inputs };
  const registered = Object.values(internals().state.registeredVariables);
  const recorder = new Recorder(new Map(registered.map((variable) => [variable.id, variable])));
  try {
    return withRecorder(recorder, () => record(recorder, { run, ...options }));
  } catch (error) {
    throw explained(error, recorder);
  }
}

const internals = (): EngineInternals => tf.engine() as unknown as EngineInternals;

interface Captured extends CaptureOptions {
  run: (...inputs: Tensor[]) => Outputs;
}

function record(recorder: Recorder, { run, inputs, nameOf }: Captured): Graph {
  const engine = internals();
  const held = Object.values(engine.state.registeredVariables).map((variable) => hold(engine, variable));
  let graph: Graph | undefined;
  try {
    tf.tidy(() => {
      const symbols = inputs.map((spec) => tf.engine().makeTensorFromTensorInfo(recorder.input(spec)));
      const result = withoutRandomness(() => run(...symbols));
      const outputs = namedOutputs(result).map(([name, tensor]) => ({ name, value: recorder.resolve(tensor) }));
      graph = assemble(recorder, { outputs, held, nameOf });
    });
  } finally {
    for (const entry of held) entry.release();
  }
  return simplify(graph!);
}

interface Held {
  variable: Variable;
  wasAssigned(): boolean;
  release(): void;
}

/** Keeps the data of a variable alive over an assignment, and puts it back afterwards. */
function hold(engine: EngineInternals, variable: Variable): Held {
  const { dataId } = variable;
  const { backend } = engine.state.tensorInfo.get(dataId)!;
  backend.incRef(dataId);
  const wasAssigned = (): boolean => variable.dataId !== dataId;
  return {
    variable,
    wasAssigned,
    release() {
      if (!wasAssigned()) return void backend.disposeData(dataId);
      engine.disposeTensor(variable);
      (variable as { dataId: object }).dataId = dataId;
      // Counts the tensor again. Its reference is the one taken above: incRef adds another on the current backend,
      // which is the trace backend and does not own the data.
      engine.incRef(variable, backend);
    },
  };
}

interface Parts {
  outputs: GraphInput[];
  held: Held[];
  nameOf: CaptureOptions["nameOf"];
}

function assemble(recorder: Recorder, { outputs, held, nameOf }: Parts): Graph {
  const assigned = held.filter((entry) => entry.wasAssigned()).map(({ variable }) => variable);
  const next = new Map(assigned.map((variable) => [variable, recorder.resolve(variable)]));
  for (const variable of assigned) recorder.variable(variable);
  const variables: GraphVariable[] = [...recorder.variables].map(([variable, value]) => ({
    name: nameOf?.(variable) ?? variable.name,
    value,
    next: next.get(variable) ?? null,
    variable,
  }));
  const { inputs, constants, nodes } = recorder;
  return { inputs, constants, variables, nodes, outputs };
}

function namedOutputs(result: Outputs): [string, Tensor][] {
  if (result instanceof tf.Tensor) return [["0", result]];
  return Object.entries(result) as [string, Tensor][];
}

function explained(error: unknown, { nodes }: Recorder): unknown {
  if (error instanceof GraphError || !(error instanceof Error)) return error;
  const missing = /Cannot find registered kernel '(\w+)'/.exec(error.message);
  const gradient = /gradient function not found for (\w+)/.exec(error.message);
  const op = missing?.[1] ?? gradient?.[1];
  if (op === undefined) return error;
  // The backward pass runs in no layer; the forward op that it has come to was recorded in one.
  const layer = gradient === null ? null : (nodes.findLast((node) => node.op === op)?.layer ?? null);
  return new GraphError({
    code: "UNSUPPORTED_OP",
    subject: layer === null ? `op ${op}` : `op ${op} of layer "${layer}"`,
    found: missing === null ? "tfjs has no gradient for it" : "it cannot be compiled",
    expected: "ops of the coverage list in the README of @fer/tfjs-graph",
    fix: missing === null ? "No engine can train it" : "Take it out",
    context: { op, layer },
    cause: error,
  });
}
