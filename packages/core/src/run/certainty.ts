/** How far the probabilities of a classifier can be believed, beside what a confusion matrix shows. */
import { z } from "zod";

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

const BINS = 15;

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
  const count = truth.length;
  const classes = probabilities.length / count;
  const bins = Array.from({ length: BINS }, () => ({ confidence: 0, hits: 0 }));
  let among = 0;
  for (let row = 0; row < count; row++) {
    const at = row * classes;
    const [first, second] = twoLargest(probabilities, { from: at, to: at + classes });
    const label = at + truth[row]!;
    if (label === first || label === second) among += 1;
    const confidence = probabilities[first]!;
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))]!;
    bin.confidence += confidence;
    if (label === first) bin.hits += 1;
  }
  const error = bins.reduce((sum, { confidence, hits }) => sum + Math.abs(confidence - hits), 0);
  return count === 0
    ? { top2Accuracy: 0, calibrationError: 0 }
    : { top2Accuracy: among / count, calibrationError: error / count };
}

/** Places of the two largest values in a range. */
function twoLargest(values: ArrayLike<number>, { from, to }: { from: number; to: number }): [number, number] {
  let [first, second] = [from, -1];
  for (let at = from + 1; at < to; at++) {
    if (values[at]! > values[first]!) [first, second] = [at, first];
    else if (second === -1 || values[at]! > values[second]!) second = at;
  }
  return [first, second];
}
