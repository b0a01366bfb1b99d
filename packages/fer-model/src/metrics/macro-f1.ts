/** Mean F1 over the classes that have samples; a class that is absent from the part neither helps nor hurts. */
import { classMetrics } from "./class-metrics.js";
import { meanOf } from "./mean.js";

/** Macro-F1 of a confusion matrix, [0, 1]; 0 for an empty one. */
export function macroF1(matrix: readonly (readonly number[])[]): number {
  return meanOf(matrix.map((_, label) => classMetrics(matrix, label).f1).filter((f1) => f1 !== null));
}
