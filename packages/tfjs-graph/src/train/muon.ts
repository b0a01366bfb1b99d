/**
 * Muon (Jordan et al. 2024): the update of a kernel is the momentum of its gradients with all singular values made
 * about 1, so that no direction of the kernel learns faster than another.
 *
 *     m = beta m + (1 - beta) g                             velocity
 *     u = beta m + (1 - beta) g                             looked ahead, Nesterov
 *     X = u / |u|, then `steps` times  X <- 3.4445 X - 4.775 (X X^T) X + 2.0315 (X X^T)^2 X
 *     w = w - rate * decay * w - rate * 0.2 sqrt(max(inputs, outputs)) X
 *
 * A kernel `[height, width, channels, filters]` is taken as a matrix of `height * width * channels` inputs and `filters`
 * outputs. The factor of the update (Liu et al. 2025) gives it the size of Adam's, so that one rate fits both.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs";
import { runUpdate } from "../ops/run-update.js";
import { tf } from "../tf.js";

/** Coefficients of the odd polynomial that pulls singular values of 0 to 1 towards 1 (Jordan et al. 2024). */
const [A, B, C] = [3.4445, -4.775, 2.0315];

interface MuonOptions {
  /** Decay of the velocity, [0, 1). */
  beta: number;
  /** How often the polynomial is applied; 5 in the original. */
  steps: number;
}

/** Whether Muon updates a kernel: that of a convolution, but not of the first one, over grey or RGB. */
export const isForMuon = ({ name, shape }: { name: string; shape: readonly number[] }): boolean =>
  /\/(pointwise_)?kernel$/.test(name) && shape.length === 4 && shape[2]! > 3;

/** The move of a kernel by a gradient, to be multiplied by the rate and subtracted; and the next velocity. */
export function muonMove(
  { velocity, gradient }: { velocity: Tensor; gradient: Tensor },
  { beta, steps }: MuonOptions,
): { move: Tensor; velocity: Tensor } {
  const ahead = (average: Tensor): Tensor =>
    runUpdate("EmaUpdate", { inputs: { average, value: gradient }, attributes: { decay: beta } })[0]!;
  const next = ahead(velocity);
  const outputs = gradient.shape.at(-1)!;
  const inputs = gradient.size / outputs;
  const matrix = orthogonal(ahead(next).reshape([inputs, outputs]), steps);
  const size = 0.2 * Math.sqrt(Math.max(inputs, outputs));
  return { move: matrix.mul(size).reshape(gradient.shape), velocity: next };
}

/** The nearest matrix with singular values of 1, roughly. @param matrix `[rows, columns]` */
function orthogonal(matrix: Tensor2D, steps: number): Tensor2D {
  const [rows, columns] = matrix.shape;
  let x = matrix.div<Tensor2D>(matrix.square().sum().sqrt().add(1e-7));
  for (let step = 0; step < steps; step++) {
    // The smaller of the two products with its own transpose.
    const isTall = rows > columns;
    const gram = isTall ? tf.matMul(x, x, true) : tf.matMul(x, x, false, true);
    const polynomial = gram.mul(B).add<Tensor2D>(tf.matMul(gram, gram).mul(C));
    x = x.mul(A).add<Tensor2D>(isTall ? tf.matMul(x, polynomial) : tf.matMul(polynomial, x));
  }
  return x;
}
