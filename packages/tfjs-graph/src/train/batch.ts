/** Checks of what callers hand to a prepared step. */
import { GraphError } from "../errors.js";
import type { Batch, StepState } from "../step.js";
import { tf } from "../tf.js";

export interface Signature {
  inputShape: number[];
  classes: number;
}

/** Values of a batch, by the name that the caller knows them by. */
interface Part<T = ArrayLike<number>> {
  what: string;
  values: T;
}

function expectLength({ what, values }: Part, { rows, shape }: { rows: number; shape: number[] }): void {
  const found = values.length;
  if (found === rows * tf.util.sizeFromShape(shape)) return;
  throw new GraphError({
    code: "BATCH_SHAPE",
    subject: `batch of ${rows}`,
    found: `${what} has ${found} values`,
    expected: `${rows} x ${shape.length === 0 ? 1 : shape.join(" x ")}`,
    fix: "Pass whole rows, row-major, and their number as count",
    context: { what, found, rows, shape },
  });
}

/** Throws a GraphError when a batch does not fit the model. */
export function checkBatch(batch: Batch, { inputShape, classes }: Signature): void {
  const { inputs, count: rows } = batch;
  checkRows(batch, inputShape);
  const labels = { what: "labels", values: batch.labels };
  const weights = batch.weights === undefined ? null : { what: "weights", values: batch.weights };
  expectLength(labels, { rows, shape: [classes] });
  if (weights !== null) expectLength(weights, { rows, shape: [] });
  if (inputs instanceof Float32Array) expectFinite({ what: "inputs", values: inputs }, rows);
  expectFinite(labels, rows);
  if (weights !== null) expectFinite(weights, rows);
}

/** Kernels of max and ReLU drop NaN: one in the inputs could reach the weights while the loss looks well. */
function expectFinite({ what, values }: Part<Float32Array>, rows: number): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const row = Math.floor((i * rows) / values.length);
    throw new GraphError({
      code: "BATCH_NOT_FINITE",
      subject: `batch of ${rows}`,
      found: `${what} holds ${values[i]} in row ${row}`,
      expected: "finite numbers",
      fix: "Look at where the row comes from",
      context: { what, row },
    });
  }
}

/** Throws a GraphError when `inputs` are not `count` rows. */
export function checkRows({ inputs, count }: Pick<Batch, "inputs" | "count">, inputShape: number[]): void {
  if (!Number.isInteger(count) || count < 1) {
    const fix = "Pass the number of rows as count";
    throw new GraphError({
      code: "BATCH_SHAPE",
      subject: "batch",
      found: `count is ${count}`,
      expected: "at least 1",
      fix,
    });
  }
  expectLength({ what: "inputs", values: inputs }, { rows: count, shape: inputShape });
}

export function notFinite(loss: number, step: number): GraphError {
  return new GraphError({
    code: "LOSS_NOT_FINITE",
    subject: `step ${step}`,
    found: `the loss is ${loss}`,
    expected: "a finite number",
    fix: "Lower the learning rate, clip the gradients, or look for NaN in inputs and labels. The state is unchanged",
    context: { loss, step },
  });
}

export function disposedError(): GraphError {
  const fix = "Prepare a new one";
  return new GraphError({ code: "DISPOSED", subject: "prepared step", found: "it was disposed", fix });
}

export function frozenError(): GraphError {
  const fix = "Prepare one that is not frozen";
  return new GraphError({
    code: "FROZEN",
    subject: "prepared step",
    found: "it is frozen: its weights do not change",
    fix,
  });
}

/** Throws a GraphError unless `state` has exactly the weights and slots of the step, in their shapes. */
export function checkState(
  state: StepState,
  expected: { kind: "weights" | "slots"; name: string; shape: number[] }[],
): void {
  for (const { kind, name, shape } of expected) {
    const found = state[kind][name];
    if (found !== undefined && found.shape.join() === shape.join()) continue;
    throw new GraphError({
      code: "STATE_MISMATCH",
      subject: `state.${kind}["${name}"]`,
      found: found === undefined ? "it is missing" : `its shape is [${found.shape.join(", ")}]`,
      expected: `[${shape.join(", ")}]`,
      fix: "Write a state that was read from a step of the same model and optimizer",
      context: { kind, name },
    });
  }
}
