/** Runs any captured graph: the way to use this package by names of inputs, outputs and variables. */
import type { Graph } from "../capture/graph.js";
import { GraphError } from "../errors.js";
import type { HostArray } from "../runtime/host.js";
import type { HostTensor } from "../step.js";
import { Turns } from "../runtime/turns.js";
import { disposedError } from "../train/batch.js";
import { openExecutor, type ExecutorOptions } from "./open-executor.js";

/** A captured graph that can be run again and again; its variables live inside. */
export interface CompiledGraph {
  /** How often each op of the runtime occurs: proof of what runs. */
  readonly opCounts: Readonly<Record<string, number>>;
  /** Runs once and takes over the next values of variables. Inputs, left alone meanwhile, and outputs by name, row-major. */
  run(inputs: Readonly<Record<string, HostArray>>): Promise<Record<string, HostArray>>;
  /** Copies of the variables, by name. */
  variables(): Promise<Record<string, HostTensor>>;
  /** Frees everything; calling it twice is fine, running it afterwards is an error. */
  dispose(): Promise<void>;
}

/**
 * Compiles a captured graph. Variables start with the values they have now. It runs in a thread of its own.
 *
 * @throws GraphError for an op without a rule, naming op, layer and the engines that can run it, and when the engine
 * cannot be had.
 * @example
 * ```ts
 * import { capture, compileGraph } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const graph = capture((x) => ({ y: tf.relu(x) }), [{ name: "x", shape: [3] }]);
 * const compiled = await compileGraph(graph, { engine: "onnx" });
 * console.log((await compiled.run({ x: Float32Array.of(-1, 0, 1) })).y); // Float32Array(3) [ 0, 0, 1 ]
 * await compiled.dispose();
 * ```
 */
export async function compileGraph(graph: Graph, options: ExecutorOptions): Promise<CompiledGraph> {
  const executor = await openExecutor(options);
  try {
    await executor.define({ name: "main", graph, guard: null });
  } catch (error) {
    await executor.dispose();
    throw error;
  }
  const turns = new Turns();
  let disposed: Promise<void> | null = null;
  const assertAlive = (): void => {
    if (disposed !== null) throw disposedError();
  };
  return {
    get opCounts() {
      return executor.target.opCounts;
    },
    async run(inputs) {
      assertAlive();
      checkInputs(graph, inputs);
      // Inputs of two runs would be shared through the same memory.
      const result = await turns.take(() => executor.run("main", inputs));
      return (result as { outputs: Record<string, HostArray> }).outputs;
    },
    async variables() {
      assertAlive();
      const values = await executor.read();
      return Object.fromEntries(
        graph.variables.map(({ name, variable }) => [name, { shape: variable.shape, data: values[name]! }]),
      );
    },
    dispose: () => (disposed ??= turns.take(() => executor.dispose())),
  };
}

function checkInputs({ inputs }: Graph, given: Readonly<Record<string, HostArray>>): void {
  for (const { name, value } of inputs) {
    const size = value.shape.reduce((a, b) => a * b, 1);
    const found = given[name]?.length;
    if (found === size) continue;
    throw new GraphError({
      code: "INPUT_SHAPE",
      subject: `input "${name}"`,
      found: found === undefined ? "it is missing" : `it has ${found} values`,
      expected: `${size}, for shape [${value.shape.join(", ")}]`,
    });
  }
}
