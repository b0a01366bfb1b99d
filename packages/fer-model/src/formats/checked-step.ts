/** What a network of other people's says, looked at before it is believed. */
import { FormatError, OptionsError } from "@fer/core";
import type { Predictor } from "../predict/predict.js";

interface Expected {
  /** Of the model, for messages. */
  path: string;
  /** Number of its classes. */
  classes: number;
  /** Whether its outputs become probabilities by softmax. */
  isLogits: boolean;
  /** What to do where they are no probabilities. */
  fix: string;
}

/** A step whose rows are probabilities: one a class, summing to 1. What is said otherwise is refused. */
export function checkedStep(step: Predictor, { path, classes, isLogits, fix }: Expected): Predictor {
  return {
    async predict(images, count) {
      const found = await step.predict(images, count);
      if (found.length !== count * classes) {
        throw new FormatError({
          code: "UNSUPPORTED_MODEL",
          subject: path,
          found: `${found.length / count} outputs an image`,
          expected: `${classes}, one a class`,
        });
      }
      if (isLogits) return softmax(found, classes);
      for (let row = 0; row < count; row++) {
        const values = found.subarray(row * classes, (row + 1) * classes);
        const sum = values.reduce((total, value) => total + value, 0);
        if (Math.abs(sum - 1) < 0.01 && values.every((value) => value > -1e-3)) continue;
        throw new OptionsError({
          code: "NOT_PROBABILITIES",
          subject: path,
          found: `outputs that sum to ${sum.toPrecision(3)}`,
          expected: "probabilities, which sum to 1",
          fix,
        });
      }
      return found;
    },
  };
}

function softmax(logits: Float32Array, classes: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    const row = logits.subarray(from, from + classes);
    const most = Math.max(...row);
    const powers = Array.from(row, (value) => Math.exp(value - most));
    const sum = powers.reduce((total, value) => total + value, 0);
    out.set(
      powers.map((value) => value / sum),
      from,
    );
  }
  return out;
}
