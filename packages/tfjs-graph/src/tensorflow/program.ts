/** A lowered program in a TensorFlow session: functions that are fed host arrays and give host arrays back. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphInput, ValueType } from "../capture/graph.js";
import { savedModel } from "./graph-def.js";
import type { LoweredProgram, ProgramVariable } from "./lower.js";
import type { Binding } from "./runtime.js";

export type HostArray = Float32Array | Int32Array | Uint8Array;

/** Buffers lie at multiples of 8; this far into one, nothing does. */
const OFFSET = 4;

export class Program {
  private readonly session: number;
  private scratch = new ArrayBuffer(0);

  constructor(
    private readonly binding: Binding,
    lowered: LoweredProgram,
    private readonly variables: readonly ProgramVariable[],
  ) {
    // The addon only loads SavedModels from disk; TensorFlow has read all of it when the call returns.
    const folder = mkdtempSync(join(tmpdir(), "fer-graph-"));
    try {
      writeFileSync(join(folder, "saved_model.pb"), savedModel(lowered.graph));
      this.session = binding.loadSavedModel(folder, "serve");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Runs one function. `feeds` in the order of `inputs`; results in the order of `outputs`. */
  run(
    name: string,
    inputs: readonly GraphInput[],
    feeds: readonly HostArray[],
    outputs: readonly string[],
  ): HostArray[] {
    const names = inputs.map((input) => `${name}/${input.name}:0`);
    const tensors = inputs.map(({ value }, i) => this.tensor(value.shape, value.dtype, feeds[i]!));
    return this.fetch(
      tensors,
      names,
      outputs.map((output) => `${name}/${output}:0`),
    );
  }

  /** Present values of all variables, in their order. */
  read(): Float32Array[] {
    if (this.variables.length === 0) return [];
    return this.fetch(
      [],
      [],
      this.variables.map(({ name }) => `${name}/read:0`),
    ) as Float32Array[];
  }

  /** Sets all variables, in their order. */
  write(values: readonly Float32Array[]): void {
    if (this.variables.length === 0) return;
    const tensors = this.variables.map(({ shape }, i) => this.tensor(shape, "float32", values[i]!));
    this.fetch(
      tensors,
      this.variables.map(({ name }) => `${name}/value:0`),
      ["init:0"],
    );
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.session);
  }

  private tensor(shape: readonly number[], dtype: ValueType, data: HostArray): number {
    const { TF_FLOAT, TF_INT32, TF_UINT8, TF_BOOL } = this.binding;
    const types = { float32: TF_FLOAT, int32: TF_INT32, uint8: TF_UINT8, bool: TF_BOOL };
    return this.binding.createTensor([...shape], types[dtype], this.misaligned(data));
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

  private fetch(tensors: number[], feeds: string[], fetches: string[]): HostArray[] {
    let results: { id: number }[] = [];
    try {
      results = this.binding.runSavedModel(this.session, tensors, feeds.join(), fetches.join());
      return results.map(({ id }) => this.binding.tensorDataSync(id));
    } finally {
      for (const id of [...tensors, ...results.map((result) => result.id)]) this.binding.deleteTensor(id);
    }
  }
}
