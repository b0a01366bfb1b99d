/**
 * "tf.function for TensorFlow.js": a function of tensors and variables that runs as one graph. It is traced once for
 * each combination of input shapes and types; later calls only feed the graph. Variables that the function reads live
 * in the runtime from then on; `sync` copies them back.
 */
import type { DataType, Tensor, Variable } from "@tensorflow/tfjs";
import { capture, type Outputs } from "../capture/capture.js";
import type { Graph, InputSpec, ValueType } from "../capture/graph.js";
import type { Executor } from "../runtime/executor.js";
import type { HostArray } from "../runtime/host.js";
import { Turns } from "../runtime/turns.js";
import { tf } from "../tf.js";
import { disposedError } from "../train/batch.js";
import { openExecutor, type ExecutorOptions } from "./open-executor.js";

export type CompileOptions = ExecutorOptions;

export interface CompiledFunction<Inputs extends Tensor[], Result extends Outputs> {
  /** Runs the graph for inputs of these shapes. The tensors of the result are the caller's to dispose. */
  (...inputs: Inputs): Promise<Result>;
  /** Copies the variables back into the tfjs variables that the function was written with. */
  sync(): Promise<void>;
  /** How often each op of the runtime occurs in what was compiled so far: proof of what runs. */
  opCounts(): Readonly<Record<string, number>>;
  /** Number of traces: one for each combination of input shapes and types. */
  traces(): number;
  /** Frees the graph; calling it twice is fine, calling the function afterwards is an error. */
  dispose(): Promise<void>;
}

/** How a result is built again from named arrays. */
interface Trace {
  name: string;
  graph: Graph;
  kind: "tensor" | "list" | "record";
}

/**
 * Compiles `step`. It may read and assign `tf.Variable`s that exist already, and use `tf.grads` and the optimizers of
 * `tf.train`: run one eager step before with an optimizer that makes its variables on first use (momentum, adam).
 *
 * @throws GraphError, when it is called, for what cannot be compiled: op, layer, and which engine can run it.
 * @example
 * ```ts
 * import { compile } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const w = tf.variable(tf.zeros([2, 1]));
 * const optimizer = tf.train.sgd(0.1);
 * const fit = compile(
 *   (x: tf.Tensor2D, y: tf.Tensor2D) =>
 *     optimizer.minimize(() => tf.losses.meanSquaredError(y, tf.matMul(x, w as tf.Variable<tf.Rank.R2>)), true)!,
 *   { engine: "onnx" },
 * );
 * await fit(tf.tensor2d([[1, 2]]), tf.tensor2d([[3]])); // the loss
 * await fit.sync();
 * console.log(w.shape, fit.traces()); // [ 2, 1 ] 1
 * await fit.dispose();
 * ```
 */
export function compile<Inputs extends Tensor[], Result extends Outputs>(
  step: (...inputs: Inputs) => Result,
  options: CompileOptions,
): CompiledFunction<Inputs, Result> {
  let opening: Promise<Executor> | null = null;
  const opened = (): Promise<Executor> => (opening ??= openExecutor(options));
  let counts: Readonly<Record<string, number>> = {};
  /** Variables that the function has read, by name. */
  const variables = new Map<string, Variable>();
  const traces = new Map<string, Promise<Trace>>();
  let isDisposed = false;
  const turns = new Turns();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
    turns.take(() => {
      if (isDisposed) throw disposedError();
      return work();
    });

  const call = (...inputs: Inputs): Promise<Result> => {
    const feeds = inputs.map((input) => input.dataSync() as HostArray);
    const specs = inputs.map(({ shape, dtype }, i) => ({ name: `x${i}`, shape, dtype: dtype as ValueType }));
    return inTurn(async () => {
      const key = JSON.stringify(specs);
      const known = traces.get(key);
      const executor = await opened();
      const trace = known ?? traceOf(executor, { name: `f${traces.size}`, step: step as never, specs });
      if (known === undefined) {
        traces.set(key, trace);
        trace.catch(() => traces.delete(key));
      }
      const found = await trace;
      const { name, graph } = found;
      counts = executor.target.opCounts;
      for (const { name, variable } of graph.variables) variables.set(name, variable);
      const named = Object.fromEntries(specs.map((spec, i) => [spec.name, feeds[i]!]));
      const { outputs } = (await executor.run(name, named)) as { outputs: Record<string, HostArray> };
      return build(outputs, found) as Result;
    });
  };

  return Object.assign(call, {
    sync: () =>
      inTurn(async () => {
        const values = await (await opened()).read();
        assign(new Map(Object.entries(values).map(([name, data]) => [variables.get(name)!, data])));
      }),
    opCounts: () => counts,
    traces: () => traces.size,
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      await turns.take(async () => (await opening)?.dispose());
    },
  });
}

/** Prefix of output names in the graph. */
const OUTPUT = "output/";

interface Traced {
  name: string;
  step: (...inputs: Tensor[]) => Outputs;
  specs: readonly InputSpec[];
}

async function traceOf(executor: Executor, { name, step, specs }: Traced): Promise<Trace> {
  let kind: Trace["kind"] = "record";
  const run = (...inputs: Tensor[]): Outputs => {
    const result = step(...inputs);
    if (result instanceof tf.Tensor) kind = "tensor";
    else if (Array.isArray(result)) kind = "list";
    const tensors = kind === "tensor" ? { result: result as Tensor } : (result as Record<string, Tensor>);
    return Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [`${OUTPUT}${key}`, tensor]));
  };
  // tfjs calls a variable without a name by a number, which may be what an output of a list is called.
  const graph = capture(run, { inputs: specs, nameOf: (variable) => `variable/${variable.name}` });
  await executor.define({ name, graph, guard: null });
  return { name, graph, kind };
}

function build(values: Record<string, HostArray>, { graph, kind }: Trace): Outputs {
  const tensors = graph.outputs.map(({ name, value }) => {
    const dtype = (value.dtype === "uint8" ? "int32" : value.dtype) as DataType;
    return [name.slice(OUTPUT.length), tf.tensor(values[name]!, [...value.shape], dtype)] as const;
  });
  if (kind === "tensor") return tensors[0]![1];
  return kind === "list" ? tensors.map(([, tensor]) => tensor) : Object.fromEntries(tensors);
}

function assign(values: ReadonlyMap<Variable, Float32Array>): void {
  tf.tidy(() => {
    for (const [variable, data] of values) variable.assign(tf.tensor(data.slice(), variable.shape));
  });
}
