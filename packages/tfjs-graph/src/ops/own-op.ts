/**
 * An op of this package: what it gives, and how it is composed of tfjs ops. Where the current tfjs backend has a kernel
 * of its name (the trace backend has all, wasm and cpu have fast ones for some), that runs. An engine of graphs lowers
 * the op by a rule of its own, or, where it has none, as what it is composed of.
 */
import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs";
import { tf } from "../tf.js";

type Attributes = Readonly<Record<string, number | boolean | string | readonly number[]>>;

/** An op with inputs and attributes of these names. */
export interface OwnOp<Input extends string = string, Given = Attributes> {
  name: string;
  /** Shapes of the outputs, which are float32. */
  outputs(inputs: Readonly<Record<Input, { shape: readonly number[] }>>, attributes: Given): (readonly number[])[];
  /** The outputs, made of tfjs ops. */
  compose(inputs: Readonly<Record<Input, Tensor>>, attributes: Given): Tensor[];
}

/** What an op is given. */
interface OpGiven<Input extends string, Given> {
  inputs: Readonly<Record<Input, Tensor>>;
  attributes: Given;
}

/** Runs an op on tensors of the current backend and returns its outputs, always as a list. */
export function runOp<Input extends string, Given extends object>(
  { name, compose }: OwnOp<Input, Given>,
  { inputs, attributes }: OpGiven<Input, Given>,
): Tensor[] {
  if (tf.getKernel(name, tf.getBackend()) === undefined) return compose(inputs, attributes);
  const outputs = tf
    .engine()
    .runKernel<Tensor | Tensor[]>(name, inputs as unknown as NamedTensorMap, { ...attributes } as never);
  return Array.isArray(outputs) ? outputs : [outputs];
}
