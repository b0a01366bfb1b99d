/**
 * A captured graph as a session on onnxruntime's WebGPU provider. Updates are part of the graph; what they make stays
 * on the device and is fed to the next run.
 */
import type * as OnnxRuntime from "onnxruntime-node";
import type { Graph } from "../capture/graph.js";
import type { GpuVariableStore } from "./gpu-variable-store.js";
import { lower, nextName, nextValues, uniqueResults, type LoweredGraph } from "./lower.js";
import { MaskFeeds } from "./mask-feeds.js";
import { rewrite, type OnnxPeephole } from "./peepholes/index.js";
import { countOps, type Guard, type HostData, type Program } from "./program.js";
import { startSession } from "./session.js";
import { variableLayouts } from "./variable-layouts.js";

export interface GpuProgramOptions {
  store: GpuVariableStore;
  peepholes: ReadonlySet<OnnxPeephole>;
}

interface Parts {
  session: OnnxRuntime.InferenceSession;
  lowered: LoweredGraph;
  masks: MaskFeeds;
  changed: readonly string[];
  outputs: readonly string[];
}

export class GpuProgram implements Program {
  readonly opCounts: Readonly<Record<string, number>>;

  private constructor(
    private readonly runtime: typeof OnnxRuntime,
    private readonly store: GpuVariableStore,
    private readonly parts: Parts,
  ) {
    this.opCounts = countOps(parts.lowered.model);
  }

  static async create(runtime: typeof OnnxRuntime, captured: Graph, options: GpuProgramOptions): Promise<GpuProgram> {
    const { store, peepholes } = options;
    const { graph, layouts, outputs, next, lowered } = lowerForGpu(captured, peepholes);
    const masks = new MaskFeeds(runtime, graph, lowered.masks);
    const preferredOutputLocation = Object.fromEntries([
      ...outputs.map(({ name }) => [name, "cpu"] as const),
      ...next.map(({ name }) => [name, "gpu-buffer"] as const),
    ]);
    const session = await startSession(runtime, lowered.model, {
      executionProviders: ["webgpu"],
      preferredOutputLocation,
    });
    for (const { name, value, variable } of graph.variables) store.place(name, layouts.get(value) ?? null, variable);
    return new GpuProgram(runtime, store, {
      session,
      lowered,
      masks,
      changed: next.map(({ variable }) => variable),
      outputs: outputs.map(({ name }) => name),
    });
  }

  async run(inputs: Readonly<Record<string, HostData>>, guard?: Guard): Promise<Record<string, HostData>> {
    const { session, lowered, masks, changed, outputs } = this.parts;
    const { Tensor } = this.runtime;
    const feeds = masks.make(inputs);
    for (const { name, value } of lowered.inputs)
      feeds[name] = new Tensor(value.dtype, inputs[name] as never, value.shape);
    for (const name of lowered.variables) feeds[name] = this.store.tensor(name);
    const results = await session.run(feeds);
    const given = Object.fromEntries(outputs.map((name) => [name, results[name]!.data as HostData]));
    try {
      guard?.(given);
    } catch (error) {
      for (const variable of changed) results[nextName(variable)]!.dispose();
      throw error;
    }
    for (const variable of changed) this.store.replace(variable, results[nextName(variable)]!);
    return given;
  }

  async release(): Promise<void> {
    await this.parts.session.release();
  }
}

/** The graph of the session, updates included. */
export function lowerForGpu(captured: Graph, peepholes: ReadonlySet<OnnxPeephole>) {
  const graph = rewrite(captured, peepholes);
  const layouts = variableLayouts(graph);
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value, layout: null }));
  const next = nextValues(graph, layouts);
  const results = uniqueResults([...outputs, ...next]);
  return { graph, layouts, outputs, next, lowered: lower(graph, { target: "webgpu", peepholes, results, layouts }) };
}
