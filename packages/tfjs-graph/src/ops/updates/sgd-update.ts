/**
 * Stochastic gradient descent as in Keras: the learning rate is inside the velocity, so that a new rate does not
 * rescale old gradients.
 *
 *     weight -= learningRate * weightDecay * weight          (decoupled, Loshchilov and Hutter 2019)
 *     velocity = momentum * velocity - learningRate * gradient
 *     weight += velocity                                     or, Nesterov: momentum * velocity - learningRate * gradient
 */
import { decayed, defineUpdate } from "./update-op.js";

export interface SgdUpdateOptions {
  /** [0, 1); 0 needs no velocity. */
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
}

export const sgdUpdate = defineUpdate<"weight" | "gradient" | "learningRate", { weightDecay: number }>({
  states: ["weight"],
  scalars: ["learningRate"],
  attributes: ["weightDecay"],
  next: (a, given) => [a.sub(decayed(a, given), a.mul(given.gradient, given.learningRate))],
});

export const sgdMomentumUpdate = defineUpdate<"weight" | "velocity" | "gradient" | "learningRate", SgdUpdateOptions>({
  states: ["weight", "velocity"],
  scalars: ["learningRate"],
  attributes: ["momentum", "nesterov", "weightDecay"],
  next(a, { velocity, gradient, momentum, nesterov, ...given }) {
    const push = a.mul(gradient, given.learningRate);
    const next = a.sub(a.mul(velocity, a.number(momentum)), push);
    const move = nesterov ? a.sub(a.mul(next, a.number(momentum)), push) : next;
    return [a.add(decayed(a, given), move), next];
  },
});
