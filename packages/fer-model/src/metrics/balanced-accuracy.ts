/** Mean recall over the classes that have samples (Brodersen et al. 2010). */
import { classMetrics } from "./class-metrics.js";
import { meanOf } from "./mean.js";

/** Balanced accuracy of a confusion matrix, [0, 1]; 0 for an empty one. */
export function balancedAccuracy(matrix: readonly (readonly number[])[]): number {
  return meanOf(matrix.map((_, label) => classMetrics(matrix, label).recall).filter((recall) => recall !== null));
}
