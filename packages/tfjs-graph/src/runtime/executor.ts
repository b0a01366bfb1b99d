/**
 * Compiled functions over shared variables: lowered here, run in the thread of the runtimes. Variables are known by
 * their names in the graphs.
 */
import type { Variable } from "@tensorflow/tfjs";
import { GraphError } from "../errors.js";
import type { Host, HostArray, InitialValue, RunResult } from "./host.js";
import type { NamedGraph, Target } from "../lowering/target.js";
import { callRuntime } from "./thread.js";

/** Inputs from this size on go through shared memory, which is written once and read there; smaller ones are copied. */
const SHARED_FROM = 1024;

let hosts = 0;

export class Executor {
  private readonly host = hosts++;
  /** Memory that inputs are shared through, by function and input. */
  private readonly shared = new Map<string, HostArray>();
  private readonly declared = new Set<string>();
  private readonly open: Promise<unknown>;

  constructor(readonly target: Target) {
    this.open = callRuntime({ do: "open", host: this.host, options: target.host });
    // Whoever calls first is told.
    this.open.catch(() => undefined);
  }

  /** Makes variables known, with their present values; those of a function become known with it. */
  declare(variables: readonly { name: string; variable: Variable }[]): Promise<void> {
    const added = variables.filter(({ name }) => !this.declared.has(name));
    if (added.length === 0) return Promise.resolve();
    const values: Record<string, InitialValue> = {};
    for (const { name, variable } of added) {
      this.declared.add(name);
      values[name] = { shape: variable.shape, data: variable.dataSync<"float32">().slice() };
    }
    const buffers = Object.values(values).map(({ data }) => data.buffer as ArrayBuffer);
    return this.call({ method: "declare", values: [values] }, buffers) as Promise<void>;
  }

  /** Adds a function; functions share the variables of equal names. */
  async define(added: NamedGraph): Promise<void> {
    const program = this.target.lower(added);
    const declared = this.declare(added.graph.variables);
    try {
      await Promise.all([declared, this.call({ method: "define", values: [program] })]);
    } catch (cause) {
      throw cause instanceof GraphError ? cause : this.unstarted(cause);
    }
  }

  /** Runs a function once; with a guard that is not finite, nothing changes. Inputs and outputs by name. */
  run(name: string, inputs: Readonly<Record<string, HostArray>>): Promise<RunResult> {
    const feeds = Object.entries(inputs).map(([input, data]) => [input, this.feed(`${name}/${input}`, data)]);
    return this.call({ method: "run", values: [name, Object.fromEntries(feeds)] }) as Promise<RunResult>;
  }

  /** Copies of all variables, in the order of tfjs. */
  read(): Promise<Record<string, Float32Array>> {
    return this.call({ method: "read", values: [] }) as Promise<Record<string, Float32Array>>;
  }

  write(values: Readonly<Record<string, Float32Array>>): Promise<void> {
    return this.call({ method: "write", values: [values] }) as Promise<void>;
  }

  /** Frees everything, once what runs is done. */
  dispose(): Promise<void> {
    this.shared.clear();
    return this.call({ method: "dispose", values: [] }) as Promise<void>;
  }

  private async call(what: { method: keyof Host; values: unknown[] }, transfer?: ArrayBuffer[]): Promise<unknown> {
    await this.open;
    return callRuntime({ do: "call", host: this.host, ...what }, transfer);
  }

  private feed(key: string, data: HostArray): HostArray {
    if (data.byteLength < SHARED_FROM || data.buffer instanceof SharedArrayBuffer) return data;
    let memory = this.shared.get(key);
    if (memory?.length !== data.length || memory.constructor !== data.constructor) {
      const type = data.constructor as new (buffer: SharedArrayBuffer) => HostArray;
      memory = new type(new SharedArrayBuffer(data.byteLength));
      this.shared.set(key, memory);
    }
    memory.set(data);
    return memory;
  }

  private unstarted(cause: unknown): GraphError {
    return new GraphError({
      code: "SESSION",
      subject: `${this.target.runtime} session`,
      found: cause instanceof Error ? cause.message.split("\n")[0]! : String(cause),
      fix: "Report this with the model; the eager engines wasm and cpu can train it",
      cause,
    });
  }
}
