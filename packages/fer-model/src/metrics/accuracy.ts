/** Share of samples whose prediction equals their truth. */
import { supportOf } from "./confusion-matrix.js";

/** Accuracy of a confusion matrix, [0, 1]; 0 for an empty one. */
export function accuracy(matrix: readonly (readonly number[])[]): number {
  let correct = 0;
  let total = 0;
  for (let label = 0; label < matrix.length; label++) {
    correct += matrix[label]![label]!;
    total += supportOf(matrix, label);
  }
  return total === 0 ? 0 : correct / total;
}
