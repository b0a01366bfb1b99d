/** Runs an update on tensors: by the backend's kernel where it has one, else as its formula says. */
import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "../tf.js";
import { runOp, type OwnOp } from "./own-op.js";
import { updateOps, type UpdateName } from "./updates/index.js";
import type { Arithmetic, UpdateOp } from "./updates/update-op.js";

const tensors: Arithmetic<Tensor> = {
  add: (a, b) => a.add(b),
  sub: (a, b) => a.sub(b),
  mul: (a, b) => a.mul(b),
  div: (a, b) => a.div(b),
  sqrt: (a) => a.sqrt(),
  number: (value) => tf.scalar(value),
};

type Attributes = Record<string, number | boolean>;

const asOwnOp = ([name, { states, next }]: [string, UpdateOp]): OwnOp<string, Attributes> => ({
  name,
  outputs: (inputs) => states.map((state) => inputs[state]!.shape),
  compose: (inputs, attributes) => next(tensors, { ...inputs, ...attributes }),
});

const ops = new Map(Object.entries(updateOps).map((entry) => [entry[0], asOwnOp(entry)]));

/** The updates as ops: by name, states, scalars and attributes as each defines them. */
export const updateOwnOps: readonly OwnOp<string, Attributes>[] = [...ops.values()];

/** What an update is given: its inputs, and the numbers of its formula. */
export interface UpdateGiven {
  inputs: Record<string, Tensor>;
  attributes: Attributes;
}

/**
 * New values of the states, in their order.
 *
 * @example
 * ```ts
 * import { runUpdate } from "@fer/tfjs-graph/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const inputs = { average: tf.scalar(1), value: tf.scalar(2) };
 * console.log(runUpdate("EmaUpdate", { inputs, attributes: { decay: 0.5 } })[0]!.arraySync()); // 1.5
 * ```
 */
export function runUpdate(name: UpdateName, given: UpdateGiven): Tensor[] {
  return runOp(ops.get(name)!, given);
}
