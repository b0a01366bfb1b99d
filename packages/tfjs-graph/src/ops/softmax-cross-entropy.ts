/**
 * Softmax cross-entropy of logits with one-hot or soft labels, a row at a time.
 *
 *     loss[i] = -sum_c labels[i, c] * log softmax(logits)[i, c]
 *     d loss[i] / d logits[i] = softmax(logits)[i] - labels[i]
 *
 * Every row of `labels` must sum to 1. Computed from shifted logits, so that large ones do not overflow.
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs";
import { tf } from "../tf.js";
import { runOp, type OwnOp } from "./own-op.js";

/** (logits, labels) -> loss of each row, its gradient for the logits */
export const softmaxCrossEntropyOp: OwnOp<"logits" | "labels", object> = {
  name: "SoftmaxCrossEntropy",
  outputs: ({ logits }) => [[logits.shape[0]!], logits.shape],
  compose({ logits, labels }) {
    const shifted = logits.sub(logits.max(1, true));
    const exponentials = shifted.exp();
    const sum = exponentials.sum(1, true);
    const loss = sum.log().sub(shifted).mul(labels).sum(1);
    return [loss, exponentials.div(sum).sub(labels)];
  },
};

/** Class probabilities `[n, classes]`, in float32 whatever the logits are computed in: the gradient for no labels. */
export function lossProbabilities(logits: Tensor2D): Tensor2D {
  const given = { inputs: { logits, labels: tf.zerosLike(logits) }, attributes: {} };
  return runOp(softmaxCrossEntropyOp, given)[1] as Tensor2D;
}

/** Spreads the share `smoothing` of each row's mass evenly over all classes (Szegedy et al. 2016). */
export function smoothLabels(labels: Tensor2D, smoothing: number): Tensor2D {
  return smoothing === 0 ? labels : labels.mul(1 - smoothing).add(smoothing / labels.shape[1]);
}

/**
 * Cross-entropy of each row, `[n]`.
 *
 * @param logits `[n, classes]`, before softmax. Gradients flow to it.
 * @param labels `[n, classes]`, rows sum to 1. A constant: no gradient flows to it.
 * @example
 * ```ts
 * import { softmaxCrossEntropy } from "@fer/tfjs-graph/ops";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const loss = softmaxCrossEntropy(tf.tensor2d([[0, 0]]), tf.tensor2d([[1, 0]]));
 * console.log(loss.arraySync()); // [ 0.6931471824645996 ]
 * ```
 */
export function softmaxCrossEntropy(logits: Tensor2D, labels: Tensor2D): Tensor1D {
  const rows = tf.customGrad((...args: unknown[]) => {
    const [logits, save] = args as [Tensor2D, (tensors: Tensor[]) => void];
    const given = { inputs: { logits, labels }, attributes: {} };
    const [loss, dlogits] = runOp(softmaxCrossEntropyOp, given) as [Tensor, Tensor];
    save([dlogits]);
    return {
      value: loss,
      gradFunc: (dy: Tensor, saved: Tensor[]) => saved[0]!.mul(dy.reshape([-1, 1])),
    };
  });
  return rows(logits) as Tensor1D;
}
