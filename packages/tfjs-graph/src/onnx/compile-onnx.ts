/** Runs any captured graph on onnxruntime: the way to use this package without its training step. */
import type { Graph } from "../capture/graph.js";
import { GraphError } from "../errors.js";
import type { HostTensor } from "../step.js";
import { disposedError } from "../train/batch.js";
import { cpuDevice, gpuDevice } from "./device.js";
import { activePeepholes, type OnnxPeephole } from "./peepholes/index.js";
import type { HostData } from "./program.js";
import { loadOnnxRuntime } from "./runtime.js";

export interface CompileOnnxOptions {
  /** `cpu`, or `webgpu`. `cpu` where left out. */
  device?: "cpu" | "webgpu";
  /** Peepholes to switch off, to find a wrong one. */
  peepholesOff?: readonly OnnxPeephole[];
  /** Threads of the CPU; all cores where left out. */
  threads?: number;
}

/** A captured graph that can be run again and again; its variables live inside. */
export interface CompiledOnnx {
  /** How often each op occurs in the ONNX graph. */
  readonly opCounts: Readonly<Record<string, number>>;
  /** Runs once and takes over the next values of variables. Inputs and outputs by name, row-major. */
  run(inputs: Readonly<Record<string, HostData>>): Promise<Record<string, HostData>>;
  /** Copies of the variables, by name. */
  variables(): Promise<Record<string, HostTensor>>;
  /** Frees everything; calling it twice is fine, running it afterwards is an error. */
  dispose(): Promise<void>;
}

/**
 * Compiles a captured graph to ONNX. Variables start with the values they have now.
 *
 * @throws GraphError for an op without a rule, naming op, layer and the engines that can run it, and when
 * onnxruntime-node is absent.
 * @example
 * ```ts
 * import { capture, compileOnnx } from "@fer/tfjs-graph";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const graph = capture((x) => ({ y: tf.relu(x) }), [{ name: "x", shape: [3] }]);
 * const compiled = await compileOnnx(graph);
 * console.log((await compiled.run({ x: Float32Array.of(-1, 0, 1) })).y); // Float32Array(3) [ 0, 0, 1 ]
 * await compiled.dispose();
 * ```
 */
export async function compileOnnx(graph: Graph, options: CompileOnnxOptions = {}): Promise<CompiledOnnx> {
  const { device = "cpu", peepholesOff, threads } = options;
  refuseOtherVariables(graph);
  const place = (device === "cpu" ? cpuDevice : gpuDevice)({
    runtime: loadOnnxRuntime(),
    peepholes: activePeepholes(peepholesOff),
    variables: graph.variables,
    ...(threads === undefined ? {} : { threads }),
  });
  const program = await place.compile(graph);
  let isDisposed = false;
  const assertAlive = (): void => {
    if (isDisposed) throw disposedError();
  };
  return {
    opCounts: program.opCounts,
    async run(inputs) {
      assertAlive();
      checkInputs(graph, inputs);
      return program.run(inputs);
    },
    async variables() {
      assertAlive();
      return Object.fromEntries(await place.read());
    },
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      place.clear();
      await program.release();
    },
  };
}

function refuseOtherVariables({ variables }: Graph): void {
  for (const { name, value } of variables) {
    if (value.dtype === "float32") continue;
    throw new GraphError({
      code: "UNSUPPORTED_TYPE",
      subject: `variable "${name}"`,
      found: `its type is ${value.dtype}`,
      expected: "float32",
      fix: "Pass it as an input and take it out as an output",
    });
  }
}

function checkInputs({ inputs }: Graph, given: Readonly<Record<string, HostData>>): void {
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
