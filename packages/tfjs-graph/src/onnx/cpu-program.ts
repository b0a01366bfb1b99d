/**
 * A captured graph as an onnxruntime session on the CPU, with the updates of its variables.
 *
 *     feeds: inputs, variables (memory of the store), dropout masks
 *     session -> outputs, gradients and other values that updates read
 *     updates: on the host, in place; next values that the graph makes itself are copied into the store
 */
import type * as OnnxRuntime from "onnxruntime-node";
import type { Graph } from "../capture/graph.js";
import { planHostUpdates, runHostUpdate, type HostOperand, type HostUpdate } from "./host-updates.js";
import { lower, nextName, nextValues, uniqueResults, type LoweredGraph, type Result } from "./lower.js";
import { MaskFeeds } from "./mask-feeds.js";
import { rewrite, type OnnxPeephole } from "./peepholes/index.js";
import { countOps, type Guard, type HostData, type Program } from "./program.js";
import { startSession } from "./session.js";
import { variableLayouts } from "./variable-layouts.js";
import type { VariableStore } from "./variable-store.js";

export interface CpuProgramOptions {
  store: VariableStore;
  peepholes: ReadonlySet<OnnxPeephole>;
  /** Threads of the session; all cores where left out. */
  threads?: number;
}

interface Parts {
  session: OnnxRuntime.InferenceSession;
  lowered: LoweredGraph;
  masks: MaskFeeds;
  updates: readonly HostUpdate[];
  /** Variables whose next value the graph makes itself. */
  copies: readonly string[];
  outputs: readonly string[];
}

export class CpuProgram implements Program {
  readonly opCounts: Readonly<Record<string, number>>;

  private constructor(
    private readonly runtime: typeof OnnxRuntime,
    private readonly store: VariableStore,
    private readonly parts: Parts,
  ) {
    this.opCounts = countOps(parts.lowered.model);
  }

  /** Lowers the graph, starts a session for it and puts its variables into the store. */
  static async create(runtime: typeof OnnxRuntime, captured: Graph, options: CpuProgramOptions): Promise<CpuProgram> {
    const { store, peepholes, threads } = options;
    const { graph, layouts, plan, outputs, next, lowered } = lowerForCpu(captured, peepholes);
    const masks = new MaskFeeds(runtime, graph, lowered.masks);
    const session = await startSession(runtime, lowered.model, {
      executionProviders: ["cpu"],
      extra: SHORT_SPIN,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
    for (const { name, value, variable } of graph.variables) store.place(name, layouts.get(value) ?? null, variable);
    return new CpuProgram(runtime, store, {
      session,
      lowered,
      masks,
      updates: plan.updates,
      copies: next.map(({ variable }) => variable),
      outputs: outputs.map(({ name }) => name),
    });
  }

  async run(inputs: Readonly<Record<string, HostData>>, guard?: Guard): Promise<Record<string, HostData>> {
    const { session, outputs, updates, copies } = this.parts;
    const results = await session.run(this.feeds(inputs));
    const data = (name: string): Float32Array => results[name]!.data as Float32Array;
    const given: Record<string, HostData> = Object.fromEntries(outputs.map((name) => [name, data(name)]));
    guard?.(given);
    for (const update of updates) {
      const entries = Object.entries(update.operands);
      runHostUpdate(
        update,
        Object.fromEntries(entries.map(([name, from]) => [name, this.operand(from, inputs, data)])),
      );
    }
    for (const variable of copies) this.store.data(variable).set(data(nextName(variable)));
    return given;
  }

  async release(): Promise<void> {
    await this.parts.session.release();
  }

  private operand(
    from: HostOperand,
    inputs: Readonly<Record<string, HostData>>,
    data: (name: string) => Float32Array,
  ): Float32Array {
    if (from.from === "variable") return this.store.data(from.variable);
    return from.from === "input" ? (inputs[from.input] as Float32Array) : data(operandName(from.value.id));
  }

  private feeds(inputs: Readonly<Record<string, HostData>>): Record<string, OnnxRuntime.Tensor> {
    const { lowered, masks } = this.parts;
    const { Tensor } = this.runtime;
    const feeds = masks.make(inputs);
    for (const { name, value } of lowered.inputs)
      feeds[name] = new Tensor(value.dtype, inputs[name] as never, value.shape);
    for (const name of lowered.variables) feeds[name] = this.store.tensor(name);
    return feeds;
  }
}

/** The graph of the session, and what is left to the host. */
export function lowerForCpu(captured: Graph, peepholes: ReadonlySet<OnnxPeephole>) {
  const graph = rewrite(captured, peepholes);
  const layouts = variableLayouts(graph);
  const plan = peepholes.has("host-updates") ? planHostUpdates(graph) : { updates: [], updated: new Set<string>() };
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value, layout: null }));
  const next = nextValues(graph, layouts).filter(({ variable }) => !plan.updated.has(variable));
  const operands = plan.updates.flatMap((update) => sessionOperands(update, graph, layouts));
  const results = uniqueResults([...outputs, ...next, ...operands]);
  return { graph, layouts, plan, outputs, next, lowered: lower(graph, { target: "cpu", peepholes, results, layouts }) };
}

/**
 * Threads wait actively for 100 microseconds between ops, then sleep. On an idle machine steps are as fast as with
 * onnxruntime's default, which waits far longer; with other work on the cores they take two thirds of the time.
 */
const SHORT_SPIN = { session: { intra_op: { spin_duration_us: "100" } } };

const operandName = (id: number): string => `operand:${id}`;

/** What an update reads from the session, in the layout of the variable it changes. */
function sessionOperands(
  { operands }: HostUpdate,
  graph: Graph,
  layouts: ReturnType<typeof variableLayouts>,
): Result[] {
  const state = operands.weight ?? operands.average;
  const variable = graph.variables.find(({ name }) => state?.from === "variable" && name === state.variable);
  const layout = variable === undefined ? null : (layouts.get(variable.value) ?? null);
  return Object.values(operands).flatMap((operand) => {
    if (operand.from !== "session") return [];
    const { value } = operand;
    return [{ name: operandName(value.id), value, layout: value.shape.length === layout?.length ? layout : null }];
  });
}
