/**
 * A lowered program in a TensorFlow session. TensorFlow keeps the variables of a session to itself: when a function
 * joins, all functions are one new program, and the values of the variables move over once.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host, HostArray, InitialValue, RunResult } from "../runtime/host.js";
import type { Binding } from "./binding.js";

/** The type of a fed tensor. */
type FeedType = "float32" | "int32" | "uint8" | "bool";

export interface FunctionSignature {
  inputs: readonly { name: string; shape: readonly number[]; dtype: FeedType }[];
  outputs: readonly string[];
  /** Output that must be finite for anything to be written. */
  guard: string | null;
}

/** All functions so far, as one graph. */
export interface TensorFlowProgram {
  savedModel: Uint8Array;
  functions: Readonly<Record<string, FunctionSignature>>;
  /** Nodes of variables, by the names that hosts know them by. */
  nodes: Readonly<Record<string, string>>;
}

interface Feed {
  node: string;
  shape: readonly number[];
  dtype: FeedType;
  data: HostArray;
}

/** Buffers lie at multiples of 8; this far into one, nothing does. */
const OFFSET = 4;

export class TensorFlowHost implements Host {
  private readonly shapes = new Map<string, readonly number[]>();
  /** Values of the variables that the session does not hold yet. */
  private pending = new Map<string, Float32Array>();
  private program: TensorFlowProgram | null = null;
  private session = 0;
  private scratch = new ArrayBuffer(0);

  constructor(private readonly binding: Binding) {}

  declare(variables: Readonly<Record<string, InitialValue>>): void {
    for (const [name, { shape, data }] of Object.entries(variables)) {
      if (this.shapes.has(name)) continue;
      this.shapes.set(name, shape);
      this.pending.set(name, data);
    }
  }

  define(program: TensorFlowProgram): void {
    const values = this.read();
    const session = this.load(program.savedModel);
    this.close();
    this.program = program;
    this.session = session;
    this.pending = new Map();
    this.write(values);
  }

  run(name: string, inputs: Readonly<Record<string, HostArray>>): RunResult {
    const { inputs: specs, outputs, guard } = this.program!.functions[name]!;
    const feeds = specs.map(({ name: input, shape, dtype }) => {
      return { node: `${name}/${input}:0`, shape, dtype, data: inputs[input]! };
    });
    try {
      const results = this.fetch(
        feeds,
        outputs.map((output) => `${name}/${output}:0`),
      );
      return { outputs: Object.fromEntries(outputs.map((output, i) => [output, results[i]!])) };
    } catch (cause) {
      const refused = guard === null ? null : refusedValue(cause, guard);
      if (refused === null) throw cause;
      return { refused };
    }
  }

  read(): Record<string, Float32Array> {
    const held = [...this.shapes.keys()].filter((name) => !this.pending.has(name));
    const fetches = held.map((name) => `${this.program!.nodes[name]}/read:0`);
    const results = held.length === 0 ? [] : (this.fetch([], fetches) as Float32Array[]);
    const waiting = [...this.pending].map(([name, data]) => [name, data.slice()] as const);
    return Object.fromEntries([...held.map((name, i) => [name, results[i]!] as const), ...waiting]);
  }

  write(values: Readonly<Record<string, Float32Array>>): void {
    if (this.program === null) {
      for (const [name, data] of Object.entries(values)) this.pending.set(name, data);
      return;
    }
    // The node that sets variables sets all of them.
    const all = Object.keys(values).length < this.shapes.size ? { ...this.read(), ...values } : values;
    const feeds = Object.entries(all).map(([name, data]): Feed => {
      return { node: `${this.program!.nodes[name]}/value:0`, shape: this.shapes.get(name)!, dtype: "float32", data };
    });
    if (feeds.length > 0) this.fetch(feeds, ["init:0"]);
  }

  dispose(): void {
    this.close();
  }

  private close(): void {
    if (this.program !== null) this.binding.deleteSavedModel(this.session);
    this.program = null;
  }

  /** The addon only loads SavedModels from disk; TensorFlow has read all of it when the call returns. */
  private load(savedModel: Uint8Array): number {
    const folder = mkdtempSync(join(tmpdir(), "fer-graph-"));
    try {
      writeFileSync(join(folder, "saved_model.pb"), savedModel);
      return this.binding.loadSavedModel(folder, "serve");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private fetch(feeds: readonly Feed[], fetches: readonly string[]): HostArray[] {
    const { TF_FLOAT, TF_INT32, TF_UINT8, TF_BOOL } = this.binding;
    const types = { float32: TF_FLOAT, int32: TF_INT32, uint8: TF_UINT8, bool: TF_BOOL };
    const tensors = feeds.map(({ shape, dtype, data }) =>
      this.binding.createTensor([...shape], types[dtype], this.misaligned(data)),
    );
    const names = feeds.map(({ node }) => node).join();
    let results: { id: number }[] = [];
    try {
      results = this.binding.runSavedModel(this.session, tensors, names, fetches.join());
      return results.map(({ id }) => this.binding.tensorDataSync(id));
    } finally {
      for (const id of [...tensors, ...results.map((result) => result.id)]) this.binding.deleteTensor(id);
    }
  }

  /**
   * The data at an address that TensorFlow cannot use as it is. From one that is a multiple of 64 the addon makes a
   * tensor on the memory of JavaScript itself, and lets go of it in whatever thread drops the tensor last: for a
   * variable, the thread of its next update, where V8 must not be touched. From any other, TensorFlow copies at once
   * (`TF_NewTensor`), so that one scratch serves all.
   */
  private misaligned(data: HostArray): HostArray {
    if (this.scratch.byteLength < data.byteLength + OFFSET) this.scratch = new ArrayBuffer(data.byteLength + OFFSET);
    const copy = new (data.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => HostArray)(
      this.scratch,
      OFFSET,
      data.length,
    );
    copy.set(data);
    return copy;
  }
}

/** What the guard was, where it is the reason for a failure; null where it is not. */
function refusedValue(cause: unknown, guard: string): number | null {
  const message = cause instanceof Error ? cause.message : "";
  const [, found] = new RegExp(`${guard} : Tensor had (.*?) values`).exec(message) ?? [];
  if (found === undefined) return null;
  return found.includes("NaN") ? Number.NaN : Number.POSITIVE_INFINITY;
}
