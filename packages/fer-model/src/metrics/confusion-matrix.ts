/**
 * Counts of (truth, prediction) pairs: `matrix[truth][prediction]`. All other scores are functions of it, so that
 * pooling folds is adding matrices.
 */

/**
 * Confusion matrix of class indices.
 *
 * @example
 * ```ts
 * import { confusionMatrix } from "@fer/model";
 *
 * console.log(confusionMatrix([0, 0, 1], [0, 1, 1], 2)); // [ [ 1, 1 ], [ 0, 1 ] ]
 * ```
 */
export function confusionMatrix(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let i = 0; i < truth.length; i++) {
    const row = matrix[truth[i]!]!;
    row[predicted[i]!] = row[predicted[i]!]! + 1;
  }
  return matrix;
}

/** Sum of matrices of one size: the pooled matrix of folds. */
export function poolMatrices(matrices: readonly number[][][]): number[][] {
  const [first] = matrices;
  return (first ?? []).map((row, i) => row.map((_, j) => matrices.reduce((sum, matrix) => sum + matrix[i]![j]!, 0)));
}

/** Each row divided by its sum: the share of a class that was predicted as each class. Empty rows stay 0. */
export function normalizeRows(matrix: readonly (readonly number[])[]): number[][] {
  return matrix.map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((count) => (sum === 0 ? 0 : count / sum));
  });
}

/** Number of samples of a class (its row sum). */
export const supportOf = (matrix: readonly (readonly number[])[], label: number): number =>
  matrix[label]!.reduce((a, b) => a + b, 0);
