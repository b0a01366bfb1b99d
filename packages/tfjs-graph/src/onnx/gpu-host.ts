/**
 * Programs on onnxruntime's WebGPU provider. Updates are part of their graphs. After the first step each variable is a
 * buffer of the device, given out by one run and fed to the next, so that nothing but the loss crosses the bus.
 */
import type * as OnnxRuntime from "onnxruntime-node";
import type { Host, HostArray, InitialValue, RunResult } from "../runtime/host.js";
import { Feeds } from "./feeds.js";
import { GraphBuilder } from "./graph-builder.js";
import { physicalShape, relayout, sameLayout, type Layout } from "./layout.js";
import { encodeModel } from "./model.js";
import { nextName, type OnnxProgram } from "./program.js";
import { startSession } from "./session.js";

interface Entry {
  /** tfjs shape. */
  shape: readonly number[];
  layout: Layout;
  tensor: OnnxRuntime.Tensor;
}

export class GpuHost implements Host {
  private readonly variables = new Map<string, Entry>();
  private readonly programs = new Map<string, { program: OnnxProgram; session: OnnxRuntime.InferenceSession }>();
  private readonly feeds: Feeds;

  constructor(private readonly runtime: typeof OnnxRuntime) {
    this.feeds = new Feeds(runtime);
  }

  declare(variables: Readonly<Record<string, InitialValue>>): void {
    for (const [name, { shape, data }] of Object.entries(variables)) {
      if (!this.variables.has(name)) this.place(name, { shape, layout: null, values: data });
    }
  }

  async define(program: OnnxProgram): Promise<void> {
    const { outputs, next, layouts } = program;
    const session = await startSession(this.runtime, {
      model: program.model,
      executionProviders: ["webgpu"],
      preferredOutputLocation: Object.fromEntries([
        ...outputs.map((name) => [name, "cpu"] as const),
        ...next.map((name) => [nextName(name), "gpu-buffer"] as const),
      ]),
    });
    const moving = Object.entries(layouts).filter(
      ([name, layout]) => !sameLayout(this.variables.get(name)!.layout, layout),
    );
    if (moving.length > 0) {
      const values = await this.read();
      for (const [name, layout] of moving) {
        const { shape, tensor } = this.variables.get(name)!;
        tensor.dispose();
        this.place(name, { shape, layout, values: values[name]! });
      }
    }
    this.programs.set(program.name, { program, session });
  }

  async run(name: string, inputs: Readonly<Record<string, HostArray>>): Promise<RunResult> {
    const { program, session } = this.programs.get(name)!;
    const feeds = this.feeds.make(program, inputs);
    for (const name of program.variables) feeds[name] = this.variables.get(name)!.tensor;
    const results = await session.run(feeds);
    const { guard, outputs, next } = program;
    const value = guard === null ? 0 : (results[guard]!.data as Float32Array)[0]!;
    if (!Number.isFinite(value)) {
      for (const variable of next) results[nextName(variable)]!.dispose();
      return { refused: value };
    }
    for (const variable of next) {
      const entry = this.variables.get(variable)!;
      entry.tensor.dispose();
      entry.tensor = results[nextName(variable)]!;
    }
    return { outputs: Object.fromEntries(outputs.map((output) => [output, results[output]!.data as HostArray])) };
  }

  /** onnxruntime-node cannot download a buffer, but a session that hands its inputs on to host memory does. */
  async read(): Promise<Record<string, Float32Array>> {
    const entries = [...this.variables];
    if (entries.length === 0) return {};
    const builder = new GraphBuilder();
    for (const [i, [, { shape, layout }]] of entries.entries()) {
      const form = { type: "float32", shape: physicalShape(shape, layout) } as const;
      builder.output({ name: `out${i}`, ...form }, builder.input({ name: `in${i}`, ...form }));
    }
    const session = await startSession(this.runtime, {
      model: encodeModel(builder.finish("read")),
      executionProviders: ["webgpu"],
    });
    try {
      const results = await session.run(Object.fromEntries(entries.map(([, { tensor }], i) => [`in${i}`, tensor])));
      return Object.fromEntries(
        entries.map(([name, { shape, layout }], i) => [
          name,
          relayout({ data: results[`out${i}`]!.data as Float32Array, shape, layout }, null),
        ]),
      );
    } finally {
      await session.release();
    }
  }

  write(values: Readonly<Record<string, Float32Array>>): void {
    for (const [name, data] of Object.entries(values)) {
      const { shape, layout, tensor } = this.variables.get(name)!;
      tensor.dispose();
      this.place(name, { shape, layout, values: data });
    }
  }

  /** Buffers of a GPU go before the sessions that made them. */
  async dispose(): Promise<void> {
    for (const { tensor } of this.variables.values()) tensor.dispose();
    this.variables.clear();
    for (const { session } of this.programs.values()) await session.release();
    this.programs.clear();
  }

  private place(name: string, of: { shape: readonly number[]; layout: Layout; values: Float32Array }): void {
    const { shape, layout, values } = of;
    const data = relayout({ data: values, shape, layout: null }, layout);
    const tensor = new this.runtime.Tensor("float32", data, physicalShape(shape, layout));
    this.variables.set(name, { shape, layout, tensor });
  }
}
