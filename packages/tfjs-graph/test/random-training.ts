/** Optimizer, loss and batches of a random net. */
import type { Batch } from "@fer/tfjs-graph";
import * as tf from "@tensorflow/tfjs";
import type { StepOptions } from "./engines.ts";
import { batchOf } from "./nets.ts";
import { dice } from "./random-net.ts";

export function optionsOf(seed: number, model: tf.LayersModel): StepOptions {
  const roll = dice(seed + 7919);
  const shared = {
    clipNorm: roll.pick([null, 0.5]),
    weightDecay: roll.pick([0, 0.02]),
    ema: roll.pick([null, 0.9]),
  };
  const sgd = { name: "sgd" as const, momentum: roll.pick([0, 0.9]), nesterov: roll.chance(0.5), ...shared };
  // A large epsilon: Adam's first steps have the sign of the gradient, and rounding decides the sign of a tiny one.
  const adam = { name: "adam" as const, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, ...shared };
  return {
    model,
    input: roll.pick([
      { scale: 1, offset: 0 },
      { scale: 1 / 127.5, offset: -1 },
    ]),
    loss: { labelSmoothing: roll.pick([0, 0.1]) },
    optimizer: roll.pick([sgd, adam]),
    seed,
  };
}

export function batches(seed: number, model: tf.LayersModel): Batch[] {
  const row = tf.util.sizeFromShape(model.inputs[0]!.shape.slice(1) as number[]);
  const weighted = { ...batchOf(4, seed + 1, row), weights: Float32Array.of(1, 0.5, 2, 0) };
  return [batchOf(4, seed, row), weighted, batchOf(3, seed + 2, row)];
}
