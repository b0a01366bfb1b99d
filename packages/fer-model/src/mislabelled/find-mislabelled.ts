/**
 * Which samples look mislabelled: confident learning (Northcutt, Jiang, Chuang 2021, "Confident learning: estimating
 * uncertainty in dataset labels"), on predictions for samples that the network was not trained on.
 *
 *     t[k]      mean probability of class k over the samples that are labelled k
 *     a sample counts with confidence to the class whose probability reaches its t; to the most probable where several do
 *     flagged   where that class is not its label, and its label is not the most probable class
 *
 *     odds      and where that other class is so many times as probable as the label
 *
 * With odds of 1 the same samples as cleanlab 2.9's `find_label_issues(filter_by="confident_learning")`. Where a network
 * is right about little more than half of the labels, as on FER2013, most of those are its own mistakes: higher odds leave
 * what it is sure of (measured in `bench/mislabelled.mjs`).
 */
import { OptionsError } from "@fer/core";

/** What is known of samples. */
export interface LabelledPredictions {
  /** `[n]` class indices. */
  labels: ArrayLike<number>;
  /** `[n, classes]`, predicted by networks that were not trained on the sample. */
  probabilities: ArrayLike<number>;
  classes: number;
}

/** A sample that looks mislabelled. */
export interface Mislabelled {
  /** Row of the sample. */
  sample: number;
  /** Class index that it is labelled with. */
  given: number;
  /** Most probable class. */
  suggested: number;
  /** Probability of the label: self-confidence. */
  confidence: number;
  /** Probability of the label less that of the most probable other class, as a number in [0, 1]: normalized margin. */
  margin: number;
}

/** How the samples are ordered, the least likely label first. */
export type MislabelledOrder = "confidence" | "margin";

/** Odds by default: of 5 % flipped labels in FER2013 every other flagged one is found to be flipped, and four of ten are found. */
export const MISLABELLED_ODDS = 15;

/** A probability counts as reached where it is lower by this. */
const CLOSE = 1e-6;
/** A threshold is at least this, so that no class is reached by a probability of 0. */
const LOWEST = 2 * CLOSE;

/**
 * Samples that look mislabelled, the surest first.
 *
 * @param options.odds how many times as probable as the label another class must be, 1 or more
 * @throws OptionsError where the arrays do not fit
 * @example
 * ```ts
 * import { findMislabelled } from "@fer/model";
 *
 * const labels = [0, 0, 1, 1];
 * const probabilities = [0.9, 0.1, 0.1, 0.9, 0.2, 0.8, 0.3, 0.7]; // the second looks like the other class
 * console.log(findMislabelled({ labels, probabilities, classes: 2 }, { odds: 5 }).map(({ sample }) => sample)); // [ 1 ]
 * ```
 */
export function findMislabelled(
  { labels, probabilities, classes }: LabelledPredictions,
  { by = "confidence", odds = MISLABELLED_ODDS }: { by?: MislabelledOrder; odds?: number } = {},
): Mislabelled[] {
  const count = labels.length;
  if (probabilities.length !== count * classes) {
    throw new OptionsError({
      code: "BAD_SHAPE",
      subject: "findMislabelled",
      found: `${probabilities.length} probabilities of ${count} samples and ${classes} classes`,
      expected: `${count * classes}`,
    });
  }
  if (!(odds >= 1)) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "findMislabelled",
      found: `odds of ${odds}`,
      expected: "1 or more",
    });
  }
  const thresholds = selfConfidences({ labels, probabilities, classes });
  const found: Mislabelled[] = [];
  for (let sample = 0; sample < count; sample++) {
    const given = labels[sample]!;
    const of = (k: number): number => probabilities[sample * classes + k]!;
    let reached = -1;
    let several = false;
    let best = 0;
    let other = -1;
    for (let k = 0; k < classes; k++) {
      if (of(k) > of(best)) best = k;
      if (k !== given && (other < 0 || of(k) > of(other))) other = k;
      if (of(k) < thresholds[k]! - CLOSE) continue;
      several = reached >= 0;
      if (reached < 0) reached = k;
    }
    const likely = several ? best : reached;
    if (likely < 0 || likely === given || of(given) + CLOSE > of(other) || of(given) * odds > of(other)) continue;
    found.push({ sample, given, suggested: best, confidence: of(given), margin: (of(given) - of(other) + 1) / 2 });
  }
  return found.sort((a, b) => a[by] - b[by] || a.sample - b.sample);
}

/** Of each class the mean probability that its samples have of it; 2, which none reaches, where it has no sample. */
function selfConfidences({ labels, probabilities, classes }: LabelledPredictions): Float64Array {
  const sums = new Float64Array(classes);
  const counts = new Uint32Array(classes);
  for (let i = 0; i < labels.length; i++) {
    sums[labels[i]!]! += probabilities[i * classes + labels[i]!]!;
    counts[labels[i]!]! += 1;
  }
  return sums.map((sum, k) => (counts[k] === 0 ? 2 : Math.max(sum / counts[k]!, LOWEST)));
}
