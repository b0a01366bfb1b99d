/**
 * Temperature scaling (Guo et al., On Calibration of Modern Neural Networks, ICML 2017): probabilities p become
 *
 *     q = p^(1 / T), scaled to a sum of 1
 *
 * with the T that makes the labels of the validation part most likely. The order of the classes stays, and with it every
 * prediction. Of a network's logits z this is softmax(z / T); of the mean of several views it is the same of the logarithm
 * of the mean.
 */
import { labelLoss } from "@fer/core/inference";
import { certaintyOf, type Sureness } from "@fer/core/run";

/** Where 1 / T is looked for. */
const [LEAST, MOST] = [1 / 20, 20];

/** What a probability of 0 counts as: its logarithm must be a number. */
const TINY = 1e-30;

/** What a network says about samples, and what they are. */
export interface LabelledProbabilities {
  /** `[n, classes]`, rows sum to 1. */
  probabilities: Float32Array;
  /** `[n]` class indices. */
  labels: ArrayLike<number>;
}

/**
 * The temperature; `null` where none is the best: where all predictions are right (the colder the better), or the network
 * knows nothing (the hotter the better).
 *
 * @param turn Awaited between two passes over the samples.
 */
export async function fitTemperature(
  { probabilities, labels }: LabelledProbabilities,
  turn: () => Promise<void>,
): Promise<number | null> {
  const logs = Float64Array.from(probabilities, (value) => Math.log(Math.max(value, TINY)));
  let [low, high] = [LEAST, MOST];
  // The loss is convex in 1 / T: its slope grows.
  if (labels.length === 0 || !(slopeAt(low, { logs, labels }) < 0 && slopeAt(high, { logs, labels }) > 0)) return null;
  for (let halving = 0; halving < 50; halving++) {
    await turn();
    const middle = Math.sqrt(low * high);
    if (slopeAt(middle, { logs, labels }) < 0) low = middle;
    else high = middle;
  }
  return Number((1 / low).toPrecision(9));
}

/** Derivative of the summed loss by 1 / T: the mean logarithm under q, less that of the label. */
function slopeAt(power: number, { logs, labels }: { logs: Float64Array; labels: ArrayLike<number> }): number {
  const classes = logs.length / labels.length;
  let slope = 0;
  for (let row = 0; row < labels.length; row++) {
    const from = row * classes;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = from; at < from + classes; at++) most = Math.max(most, logs[at]!);
    let [sum, weighted] = [0, 0];
    for (let at = from; at < from + classes; at++) {
      const weight = Math.exp(power * (logs[at]! - most));
      sum += weight;
      weighted += weight * logs[at]!;
    }
    slope += weighted / sum - logs[from + labels[row]!]!;
  }
  return slope;
}

/** Loss and calibration error. */
export const surenessOf = ({ probabilities, labels }: LabelledProbabilities): Sureness => ({
  loss: labelLoss(probabilities, labels),
  calibrationError: certaintyOf({ probabilities, truth: labels }).calibrationError,
});
