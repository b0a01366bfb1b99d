/**
 * The optimizers as a list of slots (variables beside the weights) and a function from gradients to new values.
 * Slots are named `<slot>/<weight>`: `velocity/...` of SGD, `m/...` and `v/...` of Adam, `ema/...` of averaged weights.
 */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { variableOf, type ModelWeight } from "../layers/rebuild.js";
import { adamUpdate } from "../ops/adam-update.js";
import { emaUpdate } from "../ops/ema-update.js";
import { sgdUpdate } from "../ops/sgd-update.js";
import type { OptimizerOptions } from "../step.js";
import { tf } from "../tf.js";

interface Slot {
  name: string;
  variable: Variable;
}

interface Rates {
  learningRate: Scalar;
  stepSize: Scalar;
}

export interface Optimizer {
  slots: Slot[];
  /** New values of weights and slots; `gradients` in the order of the weights given to {@link createOptimizer}. */
  apply(gradients: Tensor[], rates: Rates): [Variable, Tensor][];
  /** Runs `run` with the averaged weights in place of the weights, where there are any. */
  withAveragedWeights<T>(run: () => T): T;
}

type Update = (gradient: Tensor, rates: Rates) => [Variable, Tensor][];

/** Decay is for kernels; biases, scales and shifts stay as they are. */
const decays = (weight: ModelWeight): boolean => weight.name.endsWith("kernel");

/** Slots start as zeros (averages as the weights) on the current backend. */
export function createOptimizer(options: OptimizerOptions, weights: ModelWeight[]): Optimizer {
  const slots: Slot[] = [];
  const slot = (kind: string, weight: ModelWeight, value: Tensor): Variable => {
    const variable = tf.variable(value, false);
    value.dispose();
    slots.push({ name: `${kind}/${weight.name}`, variable });
    return variable;
  };
  const updates = weights.map((weight) => updateOf(options, weight, slot));
  const averages = options.ema === null ? [] : weights.map((w) => slot("ema", w, w.holder.read().add(0)));
  return {
    slots,
    apply(gradients, rates) {
      const assignments = gradients.flatMap((gradient, i) => updates[i]!(gradient, rates));
      if (options.ema === null) return assignments;
      const next = new Map(assignments);
      for (const [i, average] of averages.entries()) {
        assignments.push([average, emaUpdate(average, next.get(variableOf(weights[i]!))!, options.ema)]);
      }
      return assignments;
    },
    withAveragedWeights(run) {
      if (averages.length === 0) return run();
      const holders = weights.map(({ holder }) => holder as unknown as { val: Variable });
      const own = holders.map(({ val }) => val);
      holders.forEach((holder, i) => (holder.val = averages[i]!));
      try {
        return run();
      } finally {
        holders.forEach((holder, i) => (holder.val = own[i]!));
      }
    },
  };
}

function updateOf(
  options: OptimizerOptions,
  weight: ModelWeight,
  slot: (kind: string, weight: ModelWeight, value: Tensor) => Variable,
): Update {
  const variable = variableOf(weight);
  const { constraint } = weight.holder as unknown as { constraint: { apply(w: Tensor): Tensor } | null };
  const constrained = (value: Tensor): Tensor => (constraint === null ? value : constraint.apply(value));
  const weightDecay = decays(weight) ? options.weightDecay : 0;
  if (options.name === "adam") {
    const { beta1, beta2, epsilon } = options;
    const [m, v] = [slot("m", weight, tf.zeros(weight.shape)), slot("v", weight, tf.zeros(weight.shape))];
    return (gradient, { learningRate, stepSize }) => {
      const inputs = { weight: variable, m, v, gradient, learningRate, stepSize };
      const next = adamUpdate(inputs, { beta1, beta2, epsilon, weightDecay });
      return [
        [variable, constrained(next.weight)],
        [m, next.m],
        [v, next.v],
      ];
    };
  }
  const { momentum, nesterov } = options;
  if (momentum === 0) {
    return (gradient, { learningRate }) => {
      const next = sgdUpdate({ weight: variable, gradient, learningRate }, { momentum, nesterov, weightDecay });
      return [[variable, constrained(next.weight)]];
    };
  }
  const velocity = slot("velocity", weight, tf.zeros(weight.shape));
  return (gradient, { learningRate }) => {
    const inputs = { weight: variable, gradient, learningRate, velocity };
    const next = sgdUpdate(inputs, { momentum, nesterov, weightDecay });
    return [
      [variable, constrained(next.weight)],
      [velocity, next.velocity!],
    ];
  };
}
