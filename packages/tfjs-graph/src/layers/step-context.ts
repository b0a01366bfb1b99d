/**
 * What our layers need to know while a training step runs and cannot get through tfjs-layers: the counter behind
 * dropout masks, where to hand new running statistics, and which layer is running (for error messages).
 */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { tf } from "../tf.js";

export class StepContext {
  /** New values of variables that the forward pass changes; kept, assigned by whoever runs the step. */
  readonly updates = new Map<Variable, Tensor>();

  readonly seed: number;
  /** Where variables stand that earlier batches of the same update have changed. */
  private readonly before: ReadonlyMap<Variable, Variable>;

  constructor(
    /** Scalar int32: number of the batch, from 0. */
    readonly step: Scalar,
    { seed, before = new Map() }: { seed: number; before?: ReadonlyMap<Variable, Variable> | undefined },
  ) {
    this.seed = seed;
    this.before = before;
  }

  /** The value that `variable` will have after the step, as far as it is known now. */
  pending(variable: Variable): Tensor {
    return this.updates.get(variable) ?? this.before.get(variable) ?? variable;
  }

  update(variable: Variable, value: Tensor): void {
    this.updates.get(variable)?.dispose();
    this.updates.set(variable, tf.keep(value));
  }
}

let current: StepContext | null = null;
const layers: string[] = [];

/** The context of the training step that is running, or null outside of one. */
export const stepContext = (): StepContext | null => current;

export function withStepContext<T>(context: StepContext, run: () => T): T {
  const previous = current;
  current = context;
  try {
    return run();
  } finally {
    current = previous;
  }
}

/** Name of the innermost layer that is being applied, or undefined. */
export const currentLayer = (): string | undefined => layers.at(-1);

export function withinLayer<T>(name: string, run: () => T): T {
  layers.push(name);
  try {
    return run();
  } finally {
    layers.pop();
  }
}
