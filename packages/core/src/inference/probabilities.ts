/** What class probabilities, `[n, classes]` row-major, say: the class of each row, and how wrong they are. */

/** Index of the largest value in each row, `[n]`; the first of equal ones. */
export function argMaxRows(values: Float32Array, classes: number): Int32Array {
  const best = new Int32Array(values.length / classes);
  for (let row = 0; row < best.length; row++) {
    let at = 0;
    for (let j = 1; j < classes; j++) {
      if (values[row * classes + j]! > values[row * classes + at]!) at = j;
    }
    best[row] = at;
  }
  return best;
}

/**
 * Cross-entropy: what training minimises, without label smoothing and weights.
 *
 * @param labels `[n]` class indices.
 * @returns mean of `-ln(probability of the label)`; probabilities are clipped at 1e-7 as in Keras. 0 for no rows.
 */
export function labelLoss(probabilities: Float32Array, labels: ArrayLike<number>): number {
  const classes = probabilities.length / labels.length;
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    sum -= Math.log(Math.max(probabilities[i * classes + labels[i]!]!, 1e-7));
  }
  return labels.length === 0 ? 0 : sum / labels.length;
}

/** Rows of shares as shares of their powers `1 / temperature`; float32. */
export function softened(
  values: ArrayLike<number>,
  { classes, temperature }: { classes: number; temperature: number },
): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += classes) {
    const powers = Array.from({ length: classes }, (_, label) => values[row + label]! ** (1 / temperature));
    const sum = powers.reduce((total, power) => total + power, 0);
    for (let label = 0; label < classes; label++) out[row + label] = powers[label]! / sum;
  }
  return out;
}
