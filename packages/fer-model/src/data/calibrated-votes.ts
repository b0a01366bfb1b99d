/**
 * What votes say about the classes that samples are labelled with. Those who vote need not use the words as those who
 * label do: of FER2013's pictures with most votes of FER+ for neutral, three in five are labelled so. Votes are turned
 * into probabilities of labels by Dirichlet calibration (Kull et al. 2019), a multinomial logistic regression on the
 * logarithms of their shares, fitted to the labels of the same samples:
 *
 *     p(label | votes) = softmax(W [log(share + 0.1), 1])
 *     W minimises      mean cross-entropy + 0.0001 / 2 * |W|^2
 *
 * by Newton's method; the objective is convex, so that the solution is one.
 */
import { solveSymmetric } from "../baselines/linear-algebra.js";
import { voteSum } from "./soft-labels.js";
import type { Subset } from "./subset.js";

/** Added to a share; a tenth is one vote of ten. */
const FLOOR = 0.1;
const PENALTY = 1e-4;
const MOST_STEPS = 50;
/** Decrease of the objective that ends the search. */
const ENOUGH = 1e-10;

/** Samples with the same votes. */
interface Pattern {
  /** `log(share + floor)` of each class, and 1. */
  features: Float64Array;
  /** How many of them have each label. */
  counts: Float64Array;
}

/**
 * Probabilities of the labels, given the votes: `[count, classes]`, rows sum to 1, NaN where a sample has no votes.
 *
 * @param votes `[count, classes]`, 0 or more; NaN throughout a row without votes.
 * @param turn Awaited between pieces of work.
 * @throws FormatError where votes are negative, infinite, or known for some classes only.
 */
export async function calibratedVotes(
  { labels, votes, classes }: Pick<Subset, "labels" | "classes"> & { votes: Float32Array },
  turn: () => Promise<void>,
): Promise<Float32Array> {
  const width = classes.length;
  const patterns = new Map<string, Pattern>();
  const patternOf: (Pattern | null)[] = [];
  for (let row = 0; row < labels.length; row++) {
    if (row % 512 === 0) await turn();
    const given = votes.subarray(row * width, (row + 1) * width);
    const sum = voteSum(given, row);
    if (sum === 0) {
      patternOf.push(null);
      continue;
    }
    const key = given.join(" ");
    let pattern = patterns.get(key);
    if (pattern === undefined) {
      const features = Float64Array.from({ length: width + 1 }, (_, c) =>
        c === width ? 1 : Math.log(given[c]! / sum + FLOOR),
      );
      patterns.set(key, (pattern = { features, counts: new Float64Array(width) }));
    }
    pattern.counts[labels[row]!]! += 1;
    patternOf.push(pattern);
  }
  const probabilities = await fitted([...patterns.values()], turn);
  const out = new Float32Array(votes.length).fill(Number.NaN);
  for (const [row, pattern] of patternOf.entries())
    if (pattern !== null) out.set(probabilities.get(pattern)!, row * width);
  return out;
}

/** Probabilities of each pattern. */
async function fitted(patterns: readonly Pattern[], turn: () => Promise<void>): Promise<Map<Pattern, Float64Array>> {
  if (patterns.length === 0) return new Map();
  let weights = new Float64Array(patterns[0]!.features.length * patterns[0]!.counts.length);
  let found = objective(patterns, weights);
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = await newtonStep(patterns, { ...found, weights, turn });
    let length = 1;
    let next = found;
    let moved = weights;
    do {
      const taken = length;
      moved = weights.map((weight, at) => weight - taken * direction[at]!);
      next = objective(patterns, moved);
      length /= 2;
    } while (!(next.value <= found.value) && length > 1e-6);
    const gain = found.value - next.value;
    if (!(gain >= 0)) break;
    [weights, found] = [moved, next];
    if (gain < ENOUGH) break;
  }
  return new Map(patterns.map((pattern, at) => [pattern, found.probabilities[at]!]));
}

/** Mean penalised cross-entropy, and what the patterns' probabilities are. */
function objective(patterns: readonly Pattern[], weights: Float64Array) {
  let count = 0;
  let loss = 0;
  const probabilities = patterns.map(({ features, counts }) => {
    const row = softmax(features, { weights, classes: counts.length });
    for (const [label, n] of counts.entries()) {
      count += n;
      if (n > 0) loss -= n * Math.log(row[label]!);
    }
    return row;
  });
  const penalty = weights.reduce((sum, weight) => sum + weight * weight, 0);
  return { value: loss / count + (PENALTY / 2) * penalty, count, probabilities };
}

interface At {
  weights: Float64Array;
  count: number;
  probabilities: readonly Float64Array[];
  turn: () => Promise<void>;
}

/** `H^-1 g` at some weights, which are `[classes, features]`. */
async function newtonStep(
  patterns: readonly Pattern[],
  { weights, count, probabilities, turn }: At,
): Promise<Float64Array> {
  const n = weights.length;
  const hessian = new Float64Array(n * n);
  const gradient = weights.map((weight) => PENALTY * weight);
  for (const [at, { features, counts }] of patterns.entries()) {
    if (at % 64 === 0) await turn();
    const p = probabilities[at]!;
    const width = features.length;
    const total = counts.reduce((sum, value) => sum + value, 0);
    for (let a = 0; a < counts.length; a++) {
      const residual = (total * p[a]! - counts[a]!) / count;
      for (let f = 0; f < width; f++) gradient[a * width + f]! += residual * features[f]!;
      for (let b = 0; b <= a; b++) {
        const curvature = (total * ((a === b ? p[a]! : 0) - p[a]! * p[b]!)) / count;
        for (let f = 0; f < width; f++) {
          const scaled = curvature * features[f]!;
          const row = (a * width + f) * n + b * width;
          for (let g = 0; g < width; g++) hessian[row + g]! += scaled * features[g]!;
        }
      }
    }
  }
  for (let i = 0; i < n; i++) hessian[i * n + i]! += PENALTY;
  await solveSymmetric(hessian, { b: gradient, n, turn });
  return gradient;
}

function softmax(
  features: Float64Array,
  { weights, classes }: { weights: Float64Array; classes: number },
): Float64Array {
  const width = features.length;
  const scores = new Float64Array(classes);
  for (const [f, value] of features.entries())
    for (let label = 0; label < classes; label++) scores[label]! += value * weights[label * width + f]!;
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}
