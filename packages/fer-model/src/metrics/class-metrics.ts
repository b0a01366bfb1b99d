/**
 * Precision, recall and F1 of one class against the rest (van Rijsbergen 1979), as scikit-learn computes them with
 * `zero_division=0`, except that a class without samples has no scores at all.
 */
import { supportOf } from "./confusion-matrix.js";
import type { ClassMetrics } from "@fer/core/run";

/** Scores of one class; all `null` where the matrix has no sample of it. */
export function classMetrics(matrix: readonly (readonly number[])[], label: number): ClassMetrics {
  const support = supportOf(matrix, label);
  if (support === 0) return { precision: null, recall: null, f1: null, support };
  const hits = matrix[label]![label]!;
  const predicted = matrix.reduce((sum, row) => sum + row[label]!, 0);
  return {
    precision: predicted === 0 ? 0 : hits / predicted,
    recall: hits / support,
    f1: (2 * hits) / (support + predicted),
    support,
  };
}
