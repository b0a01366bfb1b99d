/**
 * The variables of a compiled step in host memory, each in its layout, as the tensors that sessions are fed. Sessions
 * of all batch sizes share one store; updates write into the same memory, so nothing is copied between steps.
 */
import type { Variable } from "@tensorflow/tfjs";
import type * as OnnxRuntime from "onnxruntime-node";
import type { HostTensor } from "../step.js";
import { physicalShape, relayout, sameLayout, type Layout } from "./layout.js";

interface Entry {
  /** tfjs shape. */
  shape: readonly number[];
  layout: Layout;
  data: Float32Array;
  tensor: OnnxRuntime.Tensor;
}

export class VariableStore {
  readonly #entries = new Map<string, Entry>();
  readonly #runtime: typeof OnnxRuntime;

  constructor(runtime: typeof OnnxRuntime) {
    this.#runtime = runtime;
  }

  /** Adds a variable with its present value, or moves one that is here to another layout. */
  place(name: string, layout: Layout, variable: Variable): void {
    const known = this.#entries.get(name);
    if (known !== undefined && sameLayout(known.layout, layout)) return;
    const { shape, data } = known === undefined ? valueOf(variable) : this.read(name);
    this.#set(name, shape, layout, relayout(data, shape, null, layout));
  }

  /** The tensor to feed. */
  tensor(name: string): OnnxRuntime.Tensor {
    return this.#entries.get(name)!.tensor;
  }

  /** The memory behind the tensor. */
  data(name: string): Float32Array {
    return this.#entries.get(name)!.data;
  }

  /** A copy in the order of tfjs. */
  read(name: string): HostTensor {
    const { shape, layout, data } = this.#entries.get(name)!;
    return { shape: [...shape], data: relayout(data, shape, layout, null) };
  }

  /** Overwrites the memory with values in the order of tfjs. */
  write(name: string, values: Float32Array): void {
    const { shape, layout, data } = this.#entries.get(name)!;
    data.set(relayout(values, shape, null, layout));
  }

  clear(): void {
    this.#entries.clear();
  }

  #set(name: string, shape: readonly number[], layout: Layout, data: Float32Array): void {
    const tensor = new this.#runtime.Tensor("float32", data, physicalShape(shape, layout));
    this.#entries.set(name, { shape, layout, data, tensor });
  }
}

const valueOf = (variable: Variable): HostTensor => ({ shape: variable.shape, data: variable.dataSync<"float32">() });
