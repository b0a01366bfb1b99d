/**
 * Stochastic gradient descent as in Keras: the learning rate is inside the velocity, so that a new rate does not
 * rescale old gradients.
 *
 *     weight -= learningRate * weightDecay * weight          (decoupled, Loshchilov and Hutter 2019)
 *     velocity = momentum * velocity - learningRate * gradient
 *     weight += velocity                                     or, Nesterov: momentum * velocity - learningRate * gradient
 */
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import { decayed } from "./decoupled-weight-decay.js";
import { hasKernel, runKernel } from "./kernel.js";

export interface SgdUpdateOptions {
  /** [0, 1); 0 needs no velocity. */
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
}

/** New weight and, with momentum, new velocity. `velocity` may be left out when momentum is 0. */
export function sgdUpdate(
  inputs: { weight: Tensor; gradient: Tensor; learningRate: Scalar; velocity?: Tensor },
  options: SgdUpdateOptions,
): { weight: Tensor; velocity?: Tensor } {
  const { weight, gradient, learningRate, velocity } = inputs;
  const { momentum, nesterov, weightDecay } = options;
  if (velocity === undefined) {
    if (hasKernel("SgdUpdate")) {
      return { weight: runKernel("SgdUpdate", { weight, gradient, learningRate }, { weightDecay })[0]! };
    }
    return { weight: decayed(weight, learningRate, weightDecay).sub(gradient.mul(learningRate)) };
  }
  if (hasKernel("SgdMomentumUpdate")) {
    const attributes = { momentum, nesterov, weightDecay };
    const outputs = runKernel("SgdMomentumUpdate", { weight, velocity, gradient, learningRate }, attributes);
    return { weight: outputs[0]!, velocity: outputs[1]! };
  }
  const push = gradient.mul(learningRate);
  const next = velocity.mul(momentum).sub(push);
  const move = nesterov ? next.mul(momentum).sub(push) : next;
  return { weight: decayed(weight, learningRate, weightDecay).add(move), velocity: next };
}
