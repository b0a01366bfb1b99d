/** How far the probabilities of a classifier can be believed, beside what a confusion matrix shows. */
import { z } from "zod";
import { Tally } from "./tally.js";

/** What the probabilities of a part are worth. */
export const Certainty = z.strictObject({
  /** Share of samples whose truth is among the two most probable classes. */
  top2Accuracy: z.number().min(0).max(1),
  /**
   * Expected calibration error (Guo et al., On Calibration of Modern Neural Networks, ICML 2017): samples are put into 15
   * bins of equal width by the probability of their prediction; mean distance between that probability and the share of
   * right predictions, each bin weighed by its samples. 0.05: it is five points too sure of itself, or too little.
   */
  calibrationError: z.number().min(0).max(1),
});
export type Certainty = z.infer<typeof Certainty>;

/** Probabilities of samples, and what the samples are. */
export interface ProbabilityRows {
  /** `[n, classes]`, row-major; rows sum to 1. */
  probabilities: ArrayLike<number>;
  /** `[n]` class indices. */
  truth: ArrayLike<number>;
}

/**
 * The certainty of a part of `n` samples; zeros for none. Of equal probabilities, the first class counts as the more
 * probable one.
 *
 * @example
 * ```ts
 * import { certaintyOf } from "@fer/core/run";
 *
 * const probabilities = [0.9, 0.1, 0, 0.3, 0.2, 0.5];
 * console.log(certaintyOf({ probabilities, truth: [0, 0] })); // { top2Accuracy: 1, calibrationError: 0.3 }
 * ```
 */
export function certaintyOf({ probabilities, truth }: ProbabilityRows): Certainty {
  const tally = new Tally({ truth, predicted: truth, probabilities }, probabilities.length / truth.length || 0);
  tally.add(
    Int32Array.from(truth, (_, sample) => sample),
    truth.length,
  );
  return { top2Accuracy: tally.top2Accuracy, calibrationError: tally.calibrationError };
}
