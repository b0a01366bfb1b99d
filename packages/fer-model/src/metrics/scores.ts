/** The three headline scores of a confusion matrix. */
import type { Scores } from "@fer/core/run";
import { accuracy } from "./accuracy.js";
import { balancedAccuracy } from "./balanced-accuracy.js";
import { macroF1 } from "./macro-f1.js";

/**
 * Accuracy, balanced accuracy and macro-F1.
 *
 * @example
 * ```ts
 * import { scoresOf } from "@fer/model";
 *
 * console.log(scoresOf([[8, 2], [0, 0]]).accuracy); // 0.8
 * ```
 */
export function scoresOf(matrix: readonly (readonly number[])[]): Scores {
  return { accuracy: accuracy(matrix), balancedAccuracy: balancedAccuracy(matrix), macroF1: macroF1(matrix) };
}
