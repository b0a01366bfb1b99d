/**
 * Focal loss (Lin et al. 2017) of logits with one-hot or soft labels, a row at a time: rows that are right already say
 * less, the more so the larger gamma is. Gamma 0 is the cross-entropy.
 *
 *     p = softmax(logits)
 *     loss[i] = -sum_c labels[i, c] * (1 - p[i, c])^gamma * log p[i, c]
 *     d loss[i] / d logits[i, c] = g[c] - p[i, c] * sum_k g[k]
 *       with g[c] = labels[i, c] * (gamma * p[c] * (1 - p[c])^(gamma - 1) * log p[c] - (1 - p[c])^gamma)
 *
 * In powers and logarithms probabilities are clipped to 1e-7 .. 1 - 1e-7, as in Keras; unlike there, a row that is
 * surely wrong keeps its gradient.
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs";
import { tf } from "../tf.js";
import { lossProbabilities } from "./softmax-cross-entropy.js";

const LEAST = 1e-7;

/** Loss of the rows, and its gradient with respect to the logits. */
function forward(logits: Tensor2D, { labels, gamma }: FocalOptions): [Tensor, Tensor] {
  const p = lossProbabilities(logits);
  const log = p.maximum(LEAST).log();
  const rest = tf.sub(1, p).maximum(LEAST);
  const weight = rest.pow(gamma);
  const loss = labels.mul(weight).mul(log).sum(1).neg();
  const slope = labels.mul(
    p
      .mul(rest.pow(gamma - 1))
      .mul(log)
      .mul(gamma)
      .sub(weight),
  );
  return [loss, slope.sub(p.mul(slope.sum(1, true)))];
}

export interface FocalOptions {
  /** `[n, classes]`, rows sum to 1. A constant: no gradient flows to it. */
  labels: Tensor2D;
  /** 0 or more; 2 in the paper. */
  gamma: number;
}

/**
 * Focal loss of each row, `[n]`.
 *
 * @param logits `[n, classes]`, before softmax. Gradients flow to it.
 * @example
 * ```ts
 * import { focalCrossEntropy } from "@fer/tfjs-graph/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const loss = focalCrossEntropy(tf.tensor2d([[0, 0]]), { labels: tf.tensor2d([[1, 0]]), gamma: 1 });
 * console.log(loss.arraySync()); // [ 0.3465735912322998 ]
 * ```
 */
export function focalCrossEntropy(logits: Tensor2D, options: FocalOptions): Tensor1D {
  const rows = tf.customGrad((...args: unknown[]) => {
    const [logits, save] = args as [Tensor2D, (tensors: Tensor[]) => void];
    const [loss, dlogits] = forward(logits, options);
    save([dlogits]);
    return {
      value: loss,
      gradFunc: (dy: Tensor, saved: Tensor[]) => saved[0]!.mul(dy.reshape([-1, 1])),
    };
  });
  return rows(logits) as Tensor1D;
}
