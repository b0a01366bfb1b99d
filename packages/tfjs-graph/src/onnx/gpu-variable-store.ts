/**
 * The variables of a compiled step on a GPU: after the first step each is a buffer of the device, given out by one
 * run and fed to the next, so that nothing but the loss crosses the bus.
 */
import type { Variable } from "@tensorflow/tfjs";
import type * as OnnxRuntime from "onnxruntime-node";
import type { HostTensor } from "../step.js";
import { GraphBuilder } from "./graph-builder.js";
import { physicalShape, relayout, sameLayout, type Layout } from "./layout.js";
import { startSession } from "./session.js";

interface Entry {
  /** tfjs shape. */
  shape: readonly number[];
  layout: Layout;
  tensor: OnnxRuntime.Tensor;
}

export class GpuVariableStore {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly runtime: typeof OnnxRuntime) {}

  /**
   * Adds a variable with its present value. One that is here already moves to the layout; that happens before its
   * first step only, since a step leaves it in the layout that all graphs of the model want.
   */
  place(name: string, layout: Layout, variable: Variable): void {
    const known = this.#entries.get(name);
    if (known === undefined) return this.#set(name, variable.shape, layout, variable.dataSync<"float32">());
    if (sameLayout(known.layout, layout)) return;
    const values = relayout(known.tensor.data as Float32Array, known.shape, known.layout, null);
    this.#set(name, known.shape, layout, values);
  }

  tensor(name: string): OnnxRuntime.Tensor {
    return this.#entries.get(name)!.tensor;
  }

  /** Puts what a run gave out in place of the value before. */
  replace(name: string, tensor: OnnxRuntime.Tensor): void {
    const entry = this.#entries.get(name)!;
    entry.tensor.dispose();
    entry.tensor = tensor;
  }

  /**
   * Copies of all variables in the order of tfjs. onnxruntime-node cannot download a buffer, but a session that hands
   * its inputs on to host memory does.
   */
  async readAll(): Promise<Map<string, HostTensor>> {
    const names = [...this.#entries.keys()];
    const builder = new GraphBuilder();
    for (const [i, { shape, layout }] of [...this.#entries.values()].entries()) {
      const physical = physicalShape(shape, layout);
      builder.output(`out${i}`, builder.input(`in${i}`, "float32", physical), "float32", physical);
    }
    const session = await startSession(this.runtime, builder.finish("read"), {
      executionProviders: ["webgpu"],
      graphOptimizationLevel: "disabled",
    });
    try {
      const results = await session.run(Object.fromEntries(names.map((name, i) => [`in${i}`, this.tensor(name)])));
      return new Map(
        names.map((name, i) => {
          const { shape, layout } = this.#entries.get(name)!;
          const data = relayout(results[`out${i}`]!.data as Float32Array, shape, layout, null);
          return [name, { shape: [...shape], data }];
        }),
      );
    } finally {
      await session.release();
    }
  }

  /** Overwrites a variable with values in the order of tfjs. */
  write(name: string, values: Float32Array): void {
    const { shape, layout, tensor } = this.#entries.get(name)!;
    tensor.dispose();
    this.#set(name, shape, layout, values);
  }

  clear(): void {
    for (const { tensor } of this.#entries.values()) tensor.dispose();
    this.#entries.clear();
  }

  #set(name: string, shape: readonly number[], layout: Layout, values: Float32Array): void {
    const data = relayout(values, shape, null, layout);
    const tensor = new this.runtime.Tensor("float32", data, physicalShape(shape, layout));
    this.#entries.set(name, { shape, layout, tensor });
  }
}
