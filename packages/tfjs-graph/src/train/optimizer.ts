/**
 * The optimizers as a list of slots (variables beside the weights) and a function from gradients to new values.
 * Slots are named `<slot>/<weight>`: `velocity/...` of SGD and Muon, `m/...` and `v/...` of Adam, `ema/...` of averaged
 * weights.
 */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { variableOf, withValues, type ModelWeight } from "../layers/rebuild.js";
import { runUpdate } from "../ops/run-update.js";
import { adamStepSize } from "../ops/updates/adam-update.js";
import { averageShare } from "../ops/updates/average-update.js";
import { updateOps, type UpdateName } from "../ops/updates/index.js";
import type { OptimizerOptions } from "../step.js";
import { tf } from "../tf.js";
import { isForMuon, muonMove } from "./muon.js";

interface Slot {
  name: string;
  variable: Variable;
}

interface Rates {
  learningRate: Scalar;
  stepSize: Scalar;
  averageShare: Scalar;
}

export interface Optimizer {
  slots: Slot[];
  /** New values of weights and slots; `gradients` in the order of the weights given to {@link createOptimizer}. */
  apply(gradients: Tensor[], rates: Rates): [Variable, Tensor][];
  /** Runs `run` with the averaged weights in place of the weights, where there are any. */
  withAveragedWeights<T>(run: () => T): T;
}

type Update = (gradient: Tensor, rates: Rates) => [Variable, Tensor][];

/** An optimizer: the op of its updates, and the step size of update number `update` (1 for the first) where it has one. */
interface Rule {
  op: UpdateName;
  stepSize?(at: { learningRate: number; update: number }): number;
}

type Named<Name extends OptimizerOptions["name"]> = Extract<OptimizerOptions, { name: Name }>;

/** A new optimizer is an update in `ops/updates/`, its options in `step.ts`, and a line here. */
const rules: { [Name in OptimizerOptions["name"]]: (options: Named<Name>) => Rule } = {
  sgd: ({ momentum }) => ({ op: momentum === 0 ? "SgdUpdate" : "SgdMomentumUpdate" }),
  adam: (options) => ({ op: "AdamUpdate", stepSize: (at) => adamStepSize(at, options) }),
  // of what Muon is not for
  muon: (options) => ({ op: "AdamUpdate", stepSize: (at) => adamStepSize(at, options) }),
};

/**
 * What a step needs beside its tensors: `step` counts the updates done so far, `part` the batches of this one, and in
 * what comes back `step` is the number of the batch.
 */
export function stepScalars(
  optimizer: OptimizerOptions,
  { learningRate, step, part }: { learningRate: number; step: number; part: number },
): { learningRate: number; stepSize: number; averageShare: number; step: number } {
  const { stepSize } = rules[optimizer.name](optimizer as never);
  const { accumulate = 1, ema } = optimizer;
  return {
    learningRate,
    stepSize: stepSize?.({ learningRate, update: step + 1 }) ?? 0,
    averageShare: ema === null ? 0 : averageShare({ decay: ema, update: step + 1 }),
    step: step * accumulate + part,
  };
}

/** Decay is for kernels; biases, scales and shifts stay as they are. */
const decays = (weight: ModelWeight): boolean => weight.name.endsWith("kernel");

/** Slots start as zeros (averages as the weights) on the current backend. */
export function createOptimizer(options: OptimizerOptions, weights: ModelWeight[]): Optimizer {
  const slots: Slot[] = [];
  const slot = (name: string, value: Tensor): Variable => {
    const variable = tf.variable(value, false);
    value.dispose();
    slots.push({ name, variable });
    return variable;
  };
  const updates = weights.map((weight) =>
    options.name === "muon" && isForMuon(weight)
      ? muonUpdateOf(options, { weight, slot })
      : updateOf(options, { weight, slot }),
  );
  const averages = options.ema === null ? [] : weights.map((w) => slot(`ema/${w.name}`, w.holder.read().add(0)));
  return {
    slots,
    apply(gradients, rates) {
      const assignments = gradients.flatMap((gradient, i) => updates[i]!(gradient, rates));
      if (options.ema === null) return assignments;
      const next = new Map(assignments);
      for (const [i, average] of averages.entries()) {
        const inputs = { average, value: next.get(variableOf(weights[i]!))!, averageShare: rates.averageShare };
        assignments.push([average, runUpdate("AverageUpdate", { inputs, attributes: {} })[0]!]);
      }
      return assignments;
    },
    withAveragedWeights: (run) => (averages.length === 0 ? run() : withValues(weights, { values: averages, run })),
  };
}

interface Updated {
  weight: ModelWeight;
  /** Makes a slot of that name and that first value. */
  slot: (name: string, value: Tensor) => Variable;
}

/** A new value as the constraint of its weight, if it has one, wants it. */
function constrainedBy({ holder }: ModelWeight): (value: Tensor) => Tensor {
  const { constraint } = holder as unknown as { constraint: { apply(w: Tensor): Tensor } | null };
  return (value) => (constraint === null ? value : constraint.apply(value));
}

function muonUpdateOf(options: Named<"muon">, { weight, slot }: Updated): Update {
  const variable = variableOf(weight);
  const constrained = constrainedBy(weight);
  const velocity = slot(`velocity/${weight.name}`, tf.zeros(weight.shape));
  const attributes = { weightDecay: options.weightDecay };
  return (gradient, { learningRate }) => {
    const next = muonMove({ velocity, gradient }, options);
    const inputs = { weight: variable, gradient: next.move, learningRate };
    const [value] = runUpdate("SgdUpdate", { inputs, attributes });
    return [
      [variable, constrained(value!)],
      [velocity, next.velocity],
    ];
  };
}

/** The update of one weight, with a slot for each state of its op but the weight itself. */
function updateOf(options: OptimizerOptions, { weight, slot }: Updated): Update {
  const variable = variableOf(weight);
  const constrained = constrainedBy(weight);
  const { op } = rules[options.name](options as never);
  const { states, scalars, attributes: names } = updateOps[op]!;
  const slots = states.slice(1).map((kind) => [kind, slot(`${kind}/${weight.name}`, tf.zeros(weight.shape))] as const);
  const given = { ...options, weightDecay: decays(weight) ? options.weightDecay : 0 } as Record<string, unknown>;
  const attributes = Object.fromEntries(names.map((name) => [name, given[name] as number | boolean]));
  return (gradient, rates) => {
    const rate = (name: string): Scalar => rates[name as keyof Rates];
    const inputs = Object.fromEntries([
      ["weight", variable],
      ...slots,
      ["gradient", gradient],
      ...scalars.map((name) => [name, rate(name)] as const),
    ]) as Record<string, Tensor>;
    const [next, ...others] = runUpdate(op, { inputs, attributes });
    return [[variable, constrained(next!)], ...slots.map(([, state], i): [Variable, Tensor] => [state, others[i]!])];
  };
}
