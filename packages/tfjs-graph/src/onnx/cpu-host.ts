/**
 * Programs on onnxruntime's own CPU kernels, with the updates of their variables.
 *
 *     feeds: inputs, variables (memory of this host), dropout masks
 *     session -> outputs, gradients and other values that updates read
 *     updates: here, in place; next values that the session makes itself are copied into the memory
 */
import type * as OnnxRuntime from "onnxruntime-node";
import type { Host, HostArray, InitialValue, RunResult } from "../runtime/host.js";
import { Feeds } from "./feeds.js";
import type { HostOperand } from "./host-updates.js";
import { physicalShape, relayout, sameLayout, type HostValues } from "./layout.js";
import { nextName, type OnnxProgram } from "./program.js";
import { startSession } from "./session.js";
import { updateLoop, type UpdateLoop } from "./update-loop.js";

/** A variable in its layout, and the tensor over the same memory that sessions are fed. */
interface Entry extends HostValues {
  tensor: OnnxRuntime.Tensor;
}

interface Defined {
  program: OnnxProgram;
  session: OnnxRuntime.InferenceSession;
  /** In the order of the program's updates. */
  loops: readonly UpdateLoop[];
}

export class CpuHost implements Host {
  private readonly variables = new Map<string, Entry>();
  private readonly programs = new Map<string, Defined>();
  private readonly feeds: Feeds;

  constructor(private readonly runtime: typeof OnnxRuntime) {
    this.feeds = new Feeds(runtime);
  }

  declare(variables: Readonly<Record<string, InitialValue>>): void {
    for (const [name, { shape, data }] of Object.entries(variables)) {
      if (!this.variables.has(name)) this.place(name, { shape, data, layout: null });
    }
  }

  async define(program: OnnxProgram): Promise<void> {
    const session = await startSession(this.runtime, {
      model: program.model,
      executionProviders: ["cpu"],
      isFrozen: program.variables.length === 0,
      extra: SHORT_SPIN,
    });
    for (const [name, layout] of Object.entries(program.layouts)) {
      const entry = this.variables.get(name)!;
      if (sameLayout(entry.layout, layout)) continue;
      this.place(name, { shape: entry.shape, layout, data: relayout(entry, layout) });
    }
    const loops = program.updates.map(({ op, attributes, operands }) =>
      updateLoop(op, { attributes, operands: Object.keys(operands) }),
    );
    this.programs.set(program.name, { program, session, loops });
  }

  async run(name: string, inputs: Readonly<Record<string, HostArray>>): Promise<RunResult> {
    const { program, session, loops } = this.programs.get(name)!;
    const feeds = this.feeds.make(program, inputs);
    for (const name of program.variables) feeds[name] = this.variables.get(name)!.tensor;
    const results = await session.run(feeds);
    const data = (name: string): Float32Array => results[name]!.data as Float32Array;
    const { guard, outputs, updates, next } = program;
    if (guard !== null && !Number.isFinite(data(guard)[0])) return { refused: data(guard)[0]! };
    for (const [i, { operands }] of updates.entries()) {
      const operand = (from: HostOperand): Float32Array => {
        if (from.from === "variable") return this.variables.get(from.name)!.data;
        return from.from === "input" ? (inputs[from.name] as Float32Array) : data(from.name);
      };
      const entries = Object.entries(operands).map(([name, from]) => [name, operand(from)] as const);
      loops[i]!(Object.fromEntries(entries));
    }
    for (const variable of next) this.variables.get(variable)!.data.set(data(nextName(variable)));
    return { outputs: Object.fromEntries(outputs.map((output) => [output, data(output)])) };
  }

  read(): Record<string, Float32Array> {
    return Object.fromEntries([...this.variables].map(([name, entry]) => [name, relayout(entry, null)]));
  }

  write(values: Readonly<Record<string, Float32Array>>): void {
    for (const [name, data] of Object.entries(values)) {
      const entry = this.variables.get(name)!;
      entry.data.set(relayout({ data, shape: entry.shape, layout: null }, entry.layout));
    }
  }

  async dispose(): Promise<void> {
    for (const { session } of this.programs.values()) await session.release();
    this.programs.clear();
    this.variables.clear();
  }

  private place(name: string, { shape, layout, data }: HostValues): void {
    const tensor = new this.runtime.Tensor("float32", data, physicalShape(shape, layout));
    this.variables.set(name, { shape, layout, data, tensor });
  }
}

/**
 * Threads wait actively for 100 microseconds between ops, then sleep. On an idle machine steps are as fast as with
 * onnxruntime's default, which waits far longer; with other work on the cores they take two thirds of the time.
 */
const SHORT_SPIN = { session: { intra_op: { spin_duration_us: "100" } } };
