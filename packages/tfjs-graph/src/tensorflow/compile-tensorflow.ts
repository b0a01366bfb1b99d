/** Runs any captured graph in TensorFlow: the way to use this package without its training step. */
import type { Graph } from "../capture/graph.js";
import { GraphError } from "../errors.js";
import type { HostTensor } from "../step.js";
import { disposedError } from "../train/batch.js";
import type { Precision } from "./lowering.js";
import type { TensorFlowPeephole } from "./peepholes/index.js";
import type { HostArray } from "./program.js";
import type { TensorFlowRuntime } from "./runtime.js";
import { TensorFlowSession } from "./session.js";

export interface CompileTensorFlowOptions {
  /** From `loadTensorFlow`. */
  runtime: TensorFlowRuntime;
  /** "float32" where left out. */
  precision?: Precision;
  /** Peepholes to switch off, to find a wrong one. */
  peepholesOff?: readonly TensorFlowPeephole[];
}

/** A captured graph that can be run again and again; its variables live inside. */
export interface CompiledTensorFlow {
  /** How often each op occurs in the TensorFlow graph. */
  readonly opCounts: Readonly<Record<string, number>>;
  /** Runs once and takes over the next values of variables. Inputs and outputs by name, row-major. */
  run(inputs: Readonly<Record<string, HostArray>>): Record<string, HostArray>;
  /** Copies of the variables, by name. */
  variables(): Record<string, HostTensor>;
  /** Frees everything; calling it twice is fine, running it afterwards is an error. */
  dispose(): void;
}

/**
 * Compiles a captured graph to TensorFlow. Variables start with the values they have now.
 *
 * @throws GraphError for an op without a rule, naming op, layer and the engines that can run it.
 * @example
 * ```ts
 * import { capture, compileTensorFlow, findTensorFlow, loadTensorFlow } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const graph = capture((x) => ({ y: tf.relu(x) }), [{ name: "x", shape: [3] }]);
 * const compiled = compileTensorFlow(graph, { runtime: loadTensorFlow(findTensorFlow()!) });
 * console.log(compiled.run({ x: Float32Array.of(-1, 0, 1) }).y); // Float32Array(3) [ 0, 0, 1 ]
 * compiled.dispose();
 * ```
 */
export function compileTensorFlow(graph: Graph, options: CompileTensorFlowOptions): CompiledTensorFlow {
  const { runtime, precision = "float32", peepholesOff = [] } = options;
  const session = new TensorFlowSession(runtime, { precision, peepholesOff });
  session.define("main", graph);
  let isDisposed = false;
  const assertAlive = (): void => {
    if (isDisposed) throw disposedError();
  };
  return {
    get opCounts() {
      return session.opCounts;
    },
    run(inputs) {
      assertAlive();
      checkInputs(graph, inputs);
      const results = session.run(
        "main",
        graph.inputs.map(({ name }) => inputs[name]!),
      );
      return Object.fromEntries(graph.outputs.map(({ name }, i) => [name, results[i]!]));
    },
    variables() {
      assertAlive();
      const values = session.values();
      return Object.fromEntries(
        graph.variables.map(({ name, variable }) => [name, { shape: variable.shape, data: values.get(variable)! }]),
      );
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      session.dispose();
    },
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
