/**
 * Scores of a classifier on any multiset of its samples. What the scores need of a sample is looked up once, in flat
 * lists, so that a bootstrap can count the same samples again and again.
 */
import type { ConfusionMatrix } from "./metrics.js";

/** What a classifier said about `n` samples. */
export interface Classified {
  /** `[n]` class indices. */
  truth: ArrayLike<number>;
  /** `[n]` class indices. */
  predicted: ArrayLike<number>;
  /** `[n, classes]`, row-major; rows sum to 1. `null` where they are not known. */
  probabilities: ArrayLike<number> | null;
}

/** Bins of the calibration error. */
const BINS = 15;

/** Counts samples; what was counted is scored. */
export class Tally {
  readonly #classes: number;
  /** By sample: truth * classes + prediction. */
  readonly #cells: Int32Array;
  /** By sample, of its most probable class; `null` without probabilities. */
  readonly #sure: { bin: Uint8Array; confidence: Float64Array; isRight: Uint8Array; isAmongTwo: Uint8Array } | null;
  readonly #counts: Int32Array;
  readonly #matrix: number[][];
  readonly #confidence = new Float64Array(BINS);
  readonly #right = new Int32Array(BINS);
  #amongTwo = 0;
  #count = 0;

  constructor({ truth, predicted, probabilities }: Classified, classes: number) {
    this.#classes = classes;
    this.#cells = Int32Array.from(truth, (label, at) => label * classes + predicted[at]!);
    this.#sure = probabilities === null ? null : surenessOf({ truth, probabilities }, classes);
    this.#counts = new Int32Array(classes * classes);
    this.#matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  }

  /** Forgets what was counted. */
  clear(): void {
    this.#counts.fill(0);
    this.#confidence.fill(0);
    this.#right.fill(0);
    this.#amongTwo = 0;
    this.#count = 0;
  }

  /** Counts the first `count` of some samples once more. */
  add(samples: Int32Array, count: number): void {
    const [cells, counts] = [this.#cells, this.#counts];
    for (let i = 0; i < count; i++) counts[cells[samples[i]!]!]!++;
    this.#count += count;
    if (this.#sure === null) return;
    const { bin, confidence, isRight, isAmongTwo } = this.#sure;
    const [confidences, rights] = [this.#confidence, this.#right];
    let amongTwo = 0;
    for (let i = 0; i < count; i++) {
      const sample = samples[i]!;
      confidences[bin[sample]!]! += confidence[sample]!;
      rights[bin[sample]!]! += isRight[sample]!;
      amongTwo += isAmongTwo[sample]!;
    }
    this.#amongTwo += amongTwo;
  }

  /** Of what was counted; the next call writes into the same one. */
  matrix(): ConfusionMatrix {
    for (const [truth, row] of this.#matrix.entries())
      for (let label = 0; label < row.length; label++) row[label] = this.#counts[truth * this.#classes + label]!;
    return this.#matrix;
  }

  /** Share of what was counted whose truth is among the two most probable classes; 0 of nothing. */
  get top2Accuracy(): number {
    return this.#count === 0 ? 0 : this.#amongTwo / this.#count;
  }

  /** Expected calibration error of what was counted; 0 of nothing. */
  get calibrationError(): number {
    if (this.#count === 0) return 0;
    let error = 0;
    for (let bin = 0; bin < BINS; bin++) error += Math.abs(this.#confidence[bin]! - this.#right[bin]!);
    return error / this.#count;
  }
}

function surenessOf(
  { truth, probabilities }: { truth: ArrayLike<number>; probabilities: ArrayLike<number> },
  classes: number,
): { bin: Uint8Array; confidence: Float64Array; isRight: Uint8Array; isAmongTwo: Uint8Array } {
  const count = truth.length;
  const bin = new Uint8Array(count);
  const confidence = new Float64Array(count);
  const isRight = new Uint8Array(count);
  const isAmongTwo = new Uint8Array(count);
  for (let sample = 0; sample < count; sample++) {
    const from = sample * classes;
    const label = from + truth[sample]!;
    const [first, second] = twoLargest(probabilities, { from, to: from + classes });
    const most = probabilities[first]!;
    confidence[sample] = most;
    bin[sample] = Math.min(BINS - 1, Math.max(0, Math.ceil(most * BINS) - 1));
    isRight[sample] = label === first ? 1 : 0;
    isAmongTwo[sample] = label === first || label === second ? 1 : 0;
  }
  return { bin, confidence, isRight, isAmongTwo };
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
