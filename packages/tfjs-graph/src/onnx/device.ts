/** What runs compiled graphs, and where their variables live. */
import type { Variable } from "@tensorflow/tfjs";
import type * as OnnxRuntime from "onnxruntime-node";
import type { Graph } from "../capture/graph.js";
import type { HostTensor } from "../step.js";
import { CpuProgram, lowerForCpu } from "./cpu-program.js";
import { GpuProgram, lowerForGpu } from "./gpu-program.js";
import { GpuVariableStore } from "./gpu-variable-store.js";
import type { OnnxPeephole } from "./peepholes/index.js";
import type { Program } from "./program.js";
import { VariableStore } from "./variable-store.js";

export interface OnnxDevice {
  /** Throws for a graph that cannot be lowered; starts nothing. */
  check(graph: Graph): void;
  /** Compiles a graph; its variables are those of earlier ones of the same name. */
  compile(graph: Graph): Promise<Program>;
  /** Copies of variables, by name, in the order of tfjs. */
  read(): Promise<Map<string, HostTensor>>;
  write(name: string, values: Float32Array): void;
  clear(): void;
}

/** A variable that a device holds from the start. */
interface NamedVariable {
  name: string;
  variable: Variable;
}

export interface DeviceOptions {
  runtime: typeof OnnxRuntime;
  peepholes: ReadonlySet<OnnxPeephole>;
  variables: readonly NamedVariable[];
  threads?: number;
}

/** onnxruntime's own CPU kernels. */
export function cpuDevice({ runtime, peepholes, variables, threads }: DeviceOptions): OnnxDevice {
  const store = new VariableStore(runtime);
  for (const { name, variable } of variables) store.place(name, null, variable);
  const options = { store, peepholes, ...(threads === undefined ? {} : { threads }) };
  return {
    check: (graph) => void lowerForCpu(graph, peepholes),
    compile: (graph) => CpuProgram.create(runtime, graph, options),
    read: async () => new Map(variables.map(({ name }) => [name, store.read(name)])),
    write: (name, values) => store.write(name, values),
    clear: () => store.clear(),
  };
}

/** A GPU through WebGPU (Vulkan, Metal or Direct3D 12). */
export function gpuDevice({ runtime, peepholes, variables }: DeviceOptions): OnnxDevice {
  const store = new GpuVariableStore(runtime);
  for (const { name, variable } of variables) store.place(name, null, variable);
  return {
    check: (graph) => void lowerForGpu(graph, peepholes),
    compile: (graph) => GpuProgram.create(runtime, graph, { store, peepholes }),
    read: () => store.readAll(),
    write: (name, values) => store.write(name, values),
    clear: () => store.clear(),
  };
}
