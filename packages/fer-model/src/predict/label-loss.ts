/** Cross-entropy of predictions: what training minimises, without label smoothing and weights. */

/**
 * @param probabilities `[n, classes]` row-major.
 * @param labels `[n]` class indices.
 * @returns mean of `-ln(probability of the label)`; probabilities are clipped at 1e-7 as in Keras. 0 for no rows.
 */
export function labelLoss(probabilities: Float32Array, labels: ArrayLike<number>, classes: number): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    sum -= Math.log(Math.max(probabilities[i * classes + labels[i]!]!, 1e-7));
  }
  return labels.length === 0 ? 0 : sum / labels.length;
}
