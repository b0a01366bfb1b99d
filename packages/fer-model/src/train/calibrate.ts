/** The temperature of a run: fitted on its validation part alone, with the weights and the views that it predicts with. */
import { softened } from "@fer/core/inference";
import type { Outcome } from "@fer/core/run";
import { turns } from "../turns.js";
import { fitTemperature, type LabelledProbabilities, surenessOf } from "../predict/temperature.js";

/** With fewer images the temperature follows single ones. */
export const ENOUGH_TO_CALIBRATE = 200;

/** @param val What the network says about the validation part; `null` where there is none, or too small a one. */
export async function calibrate(
  val: LabelledProbabilities | null,
  { count, signal }: { count: number; signal?: AbortSignal | undefined },
): Promise<NonNullable<Outcome["calibration"]>> {
  if (val === null) {
    const reason =
      count === 0
        ? "there is no validation part"
        : `the validation part has ${count} images, and it takes ${ENOUGH_TO_CALIBRATE}`;
    return { temperature: null, reason };
  }
  const temperature = await fitTemperature(val, turns(signal));
  if (temperature === null)
    return {
      temperature,
      reason: "none is best for the validation part: all of it is right, or the network tells nothing apart",
    };
  const classes = val.probabilities.length / count;
  const after = { ...val, probabilities: softened(val.probabilities, { classes, temperature }) };
  return { temperature, count, before: surenessOf(val), after: surenessOf(after) };
}
