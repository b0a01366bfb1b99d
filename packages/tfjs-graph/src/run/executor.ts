/** What runs captured functions over shared variables: TensorFlow or onnxruntime behind one face. */
import type { Variable } from "@tensorflow/tfjs";
import type { Graph } from "../capture/graph.js";
import { GraphError } from "../errors.js";
import { cpuDevice, gpuDevice, type OnnxDevice } from "../onnx/device.js";
import { activePeepholes } from "../onnx/peepholes/index.js";
import type { HostData, Program } from "../onnx/program.js";
import { loadOnnxRuntime } from "../onnx/runtime.js";
import type { Precision } from "../tensorflow/lowering.js";
import { findTensorFlow, loadTensorFlow, type TensorFlowRuntime } from "../tensorflow/runtime.js";
import { TensorFlowSession } from "../tensorflow/session.js";

/** Engines that run compiled graphs. */
export type CompiledEngine = "tensorflow" | "onnx" | "webgpu";

export interface ExecutorOptions {
  engine: CompiledEngine;
  /** For `tensorflow`: what `loadTensorFlow` gave. Looked for where left out. */
  runtime?: TensorFlowRuntime;
  /** For `tensorflow`: "bfloat16" computes and keeps activations in bfloat16. */
  precision?: Precision;
}

export interface Executor {
  /** Adds a function; all functions share variables, by identity. */
  define(name: string, graph: Graph): Promise<void>;
  run(name: string, inputs: Readonly<Record<string, HostData>>): Promise<Record<string, HostData>>;
  /** Present values of all variables. */
  values(): Promise<Map<Variable, Float32Array>>;
  /** How often each op of the runtime occurs in what was defined. */
  opCounts(): Readonly<Record<string, number>>;
  dispose(): Promise<void>;
}

/** The TensorFlow that was passed, or the one that lies here. */
export function tensorFlowRuntime(given?: TensorFlowRuntime): TensorFlowRuntime {
  if (given !== undefined) return given;
  const found = findTensorFlow();
  if (found !== null) return loadTensorFlow(found);
  throw new GraphError({
    code: "TENSORFLOW_MISSING",
    subject: "engine tensorflow",
    found: "there is no TensorFlow here",
    expected: "a set-up folder (FER_TENSORFLOW, or the cache) or an installed @tensorflow/tfjs-node-gpu",
    fix: "Run fer setup tensorflow, or use the engine onnx",
  });
}

export function createExecutor(options: ExecutorOptions): Executor {
  return options.engine === "tensorflow" ? tensorFlowExecutor(options) : onnxExecutor(options.engine);
}

function tensorFlowExecutor({ runtime, precision = "float32" }: ExecutorOptions): Executor {
  const session = new TensorFlowSession(tensorFlowRuntime(runtime), { precision, peepholesOff: [] });
  const graphs = new Map<string, Graph>();
  return {
    async define(name, graph) {
      session.define(name, graph);
      graphs.set(name, graph);
    },
    async run(name, inputs) {
      const graph = graphs.get(name)!;
      const results = session.run(
        name,
        graph.inputs.map((input) => inputs[input.name]!),
      );
      return Object.fromEntries(graph.outputs.map((output, i) => [output.name, results[i]!]));
    },
    values: async () => session.values(),
    opCounts: () => session.opCounts,
    dispose: async () => session.dispose(),
  };
}

function onnxExecutor(engine: "onnx" | "webgpu"): Executor {
  const programs = new Map<string, Program>();
  const names = new Map<string, Variable>();
  let device: OnnxDevice | null = null;
  return {
    async define(name, graph) {
      refuseNewVariables(graph, names, device !== null);
      for (const variable of graph.variables) names.set(variable.name, variable.variable);
      const options = { runtime: loadOnnxRuntime(), peepholes: activePeepholes(), variables: graph.variables };
      device ??= (engine === "onnx" ? cpuDevice : gpuDevice)(options);
      programs.set(name, await device.compile(graph));
    },
    run: (name, inputs) => programs.get(name)!.run(inputs),
    async values() {
      const held = (await device?.read()) ?? new Map<string, { data: Float32Array }>();
      return new Map([...held].map(([name, { data }]) => [names.get(name)!, data]));
    },
    opCounts() {
      const counts: Record<string, number> = {};
      for (const program of programs.values()) {
        for (const [op, count] of Object.entries(program.opCounts)) counts[op] = (counts[op] ?? 0) + count;
      }
      return counts;
    },
    async dispose() {
      // Buffers of a GPU go before the sessions that made them.
      device?.clear();
      for (const program of programs.values()) await program.release();
    },
  };
}

/** The devices of the ONNX engines take their variables when they are made. */
function refuseNewVariables(graph: Graph, names: Map<string, Variable>, isStarted: boolean): void {
  const added = isStarted ? graph.variables.find(({ name }) => !names.has(name)) : undefined;
  if (added === undefined) return;
  throw new GraphError({
    code: "NEW_VARIABLE",
    subject: `variable "${added.name}"`,
    found: "the function reads a variable for this input shape that it did not read before",
    expected: "the same variables for every input shape",
    fix: "Compile it as two functions, or use the engine tensorflow",
  });
}
