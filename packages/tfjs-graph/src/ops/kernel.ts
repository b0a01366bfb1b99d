/**
 * How an op of this package runs: through a kernel of its name where the current tfjs backend has one (the trace
 * backend always has; wasm and cpu have fast ones for some), else composed from tfjs ops.
 */
import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs";
import { tf } from "../tf.js";

type Attributes = Record<string, number | boolean | string | number[]>;

/** What a kernel is given. */
export interface KernelGiven {
  inputs: NamedTensorMap;
  /** Left out where the kernel has none. */
  attributes?: Attributes;
}

/** True when the current backend has a kernel called `name`. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs the kernel `name` of the current backend and returns its outputs, always as a list. */
export function runKernel(name: string, { inputs, attributes = {} }: KernelGiven): Tensor[] {
  const outputs = tf.engine().runKernel<Tensor | Tensor[]>(name, inputs, attributes);
  return Array.isArray(outputs) ? outputs : [outputs];
}
