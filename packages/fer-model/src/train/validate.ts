/** What a training says about its validation part at the end of an epoch. */
import { argMaxRows, labelLoss } from "@fer/core/inference";
import { confusionMatrix, type HistoryRow, scoresOf } from "@fer/core/run";
import { Shrinker } from "../data/growing.js";
import { type Predictor, predictorOf, predictSubset } from "../predict/predict.js";
import { type SizedStep, wholeEdge } from "./sized-step.js";
import type { TrainTask } from "./task.js";

export type Validation = Pick<HistoryRow, "val_loss" | "val_accuracy" | "val_macro_f1">;

const NO_VALIDATION: Validation = { val_loss: null, val_accuracy: null, val_macro_f1: null };

/** One view an image: the order of epochs is the same, at a tenth of the cost. */
export async function validate(task: TrainTask, { step, edge }: SizedStep): Promise<Validation> {
  const { options, given, samples } = task;
  const { val } = samples;
  if (val === null) return NO_VALIDATION;
  const [size, , channels] = val.shape;
  const { signal } = given;
  const whole = wholeEdge(task);
  const shrinker = edge === whole ? null : new Shrinker({ from: whole, to: edge, channels });
  const sized: Predictor =
    shrinker === null ? step : { predict: (images, rows) => step.predict(shrinker.shrunk(images as Uint8Array), rows) };
  const predictor = predictorOf(sized, { ...options, views: 1, size, channels, signal });
  const probabilities = await predictSubset(predictor, val);
  const classes = val.classes.length;
  const predicted = argMaxRows(probabilities, classes);
  const { accuracy, macroF1 } = scoresOf(confusionMatrix({ truth: val.labels, predicted }, classes));
  return { val_loss: labelLoss(probabilities, val.labels), val_accuracy: accuracy, val_macro_f1: macroF1 };
}
