/**
 * Training targets that are distributions: the votes of several people about a picture, or a blend of those with the
 * class that was made of them (Barsoum et al. 2016 train on the distribution of FER+'s votes).
 *
 *     t = (1 - share) * smoothed one-hot + share * votes / (sum of votes)
 *
 * Votes are those for the classes of the set; what the owner's people said otherwise (unknown, not a face, contempt in a
 * set of seven classes) is left out of the sum. A sample of which there are no votes, or none for any class of the set,
 * is trained on its smoothed one-hot label.
 */
import { FormatError } from "@fer/core";
import type { Subset } from "./subset.js";

interface SoftLabelOptions {
  /** Of the votes in the target. */
  share: number;
  /** Share of a one-hot label that is spread over all classes. Votes are taken as they are. */
  labelSmoothing: number;
}

/**
 * Targets of all samples, `[count, classes]`; rows sum to 1.
 *
 * @throws FormatError where votes are negative, infinite, or known for some classes only.
 */
export function softLabels(
  { labels, votes, classes }: Pick<Subset, "labels" | "votes" | "classes">,
  { share, labelSmoothing }: SoftLabelOptions,
): Float32Array {
  const width = classes.length;
  const targets = new Float32Array(labels.length * width);
  for (let row = 0; row < labels.length; row++) {
    const given = votes?.subarray(row * width, (row + 1) * width) ?? new Float32Array(width);
    const sum = voteSum(given, row);
    const part = sum > 0 ? share : 0;
    for (let c = 0; c < width; c++) {
      const smoothed = (labels[row] === c ? 1 - labelSmoothing : 0) + labelSmoothing / width;
      targets[row * width + c] = (1 - part) * smoothed + (part === 0 ? 0 : (part * given[c]!) / sum);
    }
  }
  return targets;
}

/** Targets with a share of what a teacher says: `(1 - share) * target + share * taught`. */
export const blended = (
  targets: Float32Array,
  { taught, share }: { taught: Float32Array; share: number },
): Float32Array => targets.map((target, at) => (1 - share) * target + share * taught[at]!);

/** Sum of the votes of a sample; 0 where there are none. @throws FormatError as {@link softLabels} */
export function voteSum(votes: Float32Array, row: number): number {
  if (votes.every(Number.isNaN)) return 0;
  if (votes.every((value) => value >= 0 && Number.isFinite(value))) return votes.reduce((sum, value) => sum + value, 0);
  throw new FormatError({
    code: "BAD_VOTES",
    subject: `votes of training sample ${row}`,
    found: `[${votes.join(", ")}]`,
    expected: "numbers of 0 or more, or NaN throughout where there are no votes",
    fix: "Assemble the set again",
  });
}
