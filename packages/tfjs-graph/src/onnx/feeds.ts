/** What a session is fed beside its variables: inputs of the function, and the dropout masks of the step. */
import type * as OnnxRuntime from "onnxruntime-node";
import { dropoutBytes, dropoutThreshold } from "../ops/dropout-bytes.js";
import type { HostArray } from "../runtime/host.js";
import type { MaskInput, OnnxProgram } from "./program.js";

export class Feeds {
  /** Copies of inputs in shared memory, which onnxruntime-node does not take, by program and input. */
  private readonly copies = new Map<string, HostArray>();

  constructor(private readonly runtime: typeof OnnxRuntime) {}

  make(program: OnnxProgram, inputs: Readonly<Record<string, HostArray>>): Record<string, OnnxRuntime.Tensor> {
    const { Tensor } = this.runtime;
    const feeds: Record<string, OnnxRuntime.Tensor> = {};
    for (const { name, dtype, shape } of program.inputs) {
      const data = this.ownMemory(`${program.name}/${name}`, inputs[name]!);
      feeds[name] = new Tensor(dtype as "float32", data as Float32Array, shape);
    }
    for (const mask of program.masks) {
      feeds[mask.name] = new Tensor("uint8", maskBytes(mask, inputs[mask.step]![0]!), mask.shape);
    }
    return feeds;
  }

  private ownMemory(key: string, data: HostArray): HostArray {
    if (data.buffer instanceof ArrayBuffer) return data;
    let copy = this.copies.get(key);
    if (copy === undefined) this.copies.set(key, (copy = data.slice()));
    else copy.set(data);
    return copy;
  }
}

/** One byte an element: 0 dropped, 1 kept. */
function maskBytes({ shape, rate, seed, layer }: MaskInput, step: number): Uint8Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const bytes = dropoutBytes({ seed, layer, step, size });
  const { threshold } = dropoutThreshold(rate);
  for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i]! < threshold ? 0 : 1;
  return bytes;
}
