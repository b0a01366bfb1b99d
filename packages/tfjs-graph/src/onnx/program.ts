/**
 * A captured graph as an onnxruntime session on the CPU, with the updates of its variables.
 *
 *     feeds: inputs, variables (memory of the store), dropout masks
 *     session -> outputs, gradients and other values that updates read
 *     updates: on the host, in place; next values that the graph makes itself are copied into the store
 */
import type * as OnnxRuntime from "onnxruntime-node";
import type { Graph, GraphNode } from "../capture/graph.js";
import { GraphError } from "../errors.js";
import { dropoutBytes, dropoutThreshold } from "../ops/dropout-mask.js";
import { tf } from "../tf.js";
import { planHostUpdates, runHostUpdate, type HostOperand, type HostUpdate } from "./host-updates.js";
import { lower, nextValues, type LoweredGraph, type Result } from "./lower.js";
import { encodeModel } from "./model.js";
import type { OnnxPeephole } from "./peepholes/index.js";
import { rewrite } from "./peepholes/index.js";
import { refusal } from "./refusal.js";
import { variableLayouts } from "./variable-layouts.js";
import type { VariableStore } from "./variable-store.js";

/** Values of one input, row-major. */
export type InputData = Float32Array | Int32Array | Uint8Array;

export interface ProgramOptions {
  store: VariableStore;
  peepholes: ReadonlySet<OnnxPeephole>;
  /** Threads of the session; all cores where left out. */
  threads?: number;
}

/** Called with the outputs before any variable changes; where it throws, none does. */
export type Guard = (outputs: Readonly<Record<string, Float32Array>>) => void;

export class OnnxProgram {
  readonly #session: OnnxRuntime.InferenceSession;
  readonly #runtime: typeof OnnxRuntime;
  readonly #store: VariableStore;
  readonly #lowered: LoweredGraph;
  readonly #updates: readonly HostUpdate[];
  readonly #copies: readonly string[];
  readonly #outputs: readonly string[];
  /** Name of the input that counts steps, per mask. */
  readonly #stepOf: ReadonlyMap<string, string>;

  private constructor(
    runtime: typeof OnnxRuntime,
    session: OnnxRuntime.InferenceSession,
    store: VariableStore,
    parts: {
      lowered: LoweredGraph;
      updates: HostUpdate[];
      copies: string[];
      outputs: string[];
      stepOf: Map<string, string>;
    },
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.#store = store;
    this.#lowered = parts.lowered;
    this.#updates = parts.updates;
    this.#copies = parts.copies;
    this.#outputs = parts.outputs;
    this.#stepOf = parts.stepOf;
  }

  /** Lowers the graph, starts a session for it and puts its variables into the store. */
  static async create(runtime: typeof OnnxRuntime, captured: Graph, options: ProgramOptions): Promise<OnnxProgram> {
    const { store, peepholes, threads } = options;
    const graph = rewrite(captured, peepholes);
    const layouts = variableLayouts(graph);
    const plan = peepholes.has("host-updates") ? planHostUpdates(graph) : { updates: [], updated: new Set<string>() };
    const outputs = graph.outputs.map(({ name, value }) => ({ name, value, layout: null }));
    const next = nextValues(graph, layouts).filter(({ name }) => !plan.updated.has(name.slice("next:".length)));
    const operands = plan.updates.flatMap((update) => sessionOperands(update, graph, layouts));
    const lowered = lower(graph, {
      target: "cpu",
      peepholes,
      results: unique([...outputs, ...next, ...operands]),
      layouts,
    });
    const stepOf = maskSteps(graph, lowered);
    const session = await start(runtime, lowered, threads);
    for (const { name, value, variable } of graph.variables) {
      store.place(name, layouts.get(value) ?? null, () => ({
        shape: [...value.shape],
        data: Float32Array.from(variable.dataSync()),
      }));
    }
    return new OnnxProgram(runtime, session, store, {
      lowered,
      updates: plan.updates,
      copies: next.map(({ name }) => name),
      outputs: outputs.map(({ name }) => name),
      stepOf,
    });
  }

  /** How often each ONNX op occurs: what really runs. */
  get opCounts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { op } of this.#lowered.model.nodes) counts[op] = (counts[op] ?? 0) + 1;
    return counts;
  }

  /** Runs once. Inputs by name; outputs by name. */
  async run(inputs: Readonly<Record<string, InputData>>, guard?: Guard): Promise<Record<string, Float32Array>> {
    const results = await this.#session.run(this.#feeds(inputs));
    const data = (name: string): Float32Array => results[name]!.data as Float32Array;
    const outputs = Object.fromEntries(this.#outputs.map((name) => [name, data(name)]));
    guard?.(outputs);
    for (const update of this.#updates) {
      const operand = (from: HostOperand): Float32Array => this.#operand(from, inputs, data);
      const memory = Object.fromEntries(Object.entries(update.operands).map(([name, from]) => [name, operand(from)]));
      runHostUpdate(update, memory);
    }
    for (const name of this.#copies) this.#store.data(name.slice("next:".length)).set(data(name));
    return outputs;
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #operand(
    from: HostOperand,
    inputs: Readonly<Record<string, InputData>>,
    data: (name: string) => Float32Array,
  ): Float32Array {
    if (from.from === "variable") return this.#store.data(from.variable);
    if (from.from === "input") return inputs[from.input] as Float32Array;
    return data(operandName(from.value.id));
  }

  #feeds(inputs: Readonly<Record<string, InputData>>): Record<string, OnnxRuntime.Tensor> {
    const { Tensor } = this.#runtime;
    const feeds: Record<string, OnnxRuntime.Tensor> = {};
    for (const { name, value } of this.#lowered.inputs)
      feeds[name] = new Tensor(value.dtype, inputs[name] as never, value.shape);
    for (const name of this.#lowered.variables) feeds[name] = this.#store.tensor(name);
    for (const { name, options } of this.#lowered.masks) {
      const step = inputs[this.#stepOf.get(name)!]![0]!;
      const bytes = dropoutBytes({ ...options, step, size: tf.util.sizeFromShape([...options.shape]) });
      const { threshold } = dropoutThreshold(options.rate);
      for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i]! < threshold ? 0 : 1;
      feeds[name] = new Tensor("uint8", bytes, options.shape);
    }
    return feeds;
  }
}

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

const unique = (results: Result[]): Result[] => [...new Map(results.map((result) => [result.name, result])).values()];

/** Masks are made before the session runs, so their step must be an input. */
function maskSteps(graph: Graph, { masks }: LoweredGraph): Map<string, string> {
  const inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
  const nodes = graph.nodes.filter(({ op }) => op === "DropoutMask");
  return new Map(
    masks.map(({ name, options }) => [
      name,
      stepInput(
        nodes.find((n) => sameMask(n, options))!,
        inputs,
      ),
    ]),
  );
}

const sameMask = (node: GraphNode, options: object): boolean => node.attributes === options;

function stepInput(node: GraphNode, inputs: ReadonlyMap<GraphNode["inputs"][string], string>): string {
  const name = inputs.get(node.inputs.step!);
  if (name === undefined) throw refusal(node, "its step is computed inside the function; pass it as an input");
  return name;
}

async function start(
  runtime: typeof OnnxRuntime,
  { model }: LoweredGraph,
  threads: number | undefined,
): Promise<OnnxRuntime.InferenceSession> {
  try {
    return await runtime.InferenceSession.create(encodeModel(model), {
      executionProviders: ["cpu"],
      graphOptimizationLevel: "extended",
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
  } catch (cause) {
    throw new GraphError({
      code: "ONNX_SESSION",
      subject: "onnxruntime session",
      found: cause instanceof Error ? cause.message.split("\n")[0]! : String(cause),
      fix: "Please report this model; the eager engines wasm and cpu can train it",
      cause,
    });
  }
}
