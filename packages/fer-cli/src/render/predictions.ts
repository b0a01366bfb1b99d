/** What `fer predict` says. */
import type { Prediction } from "@fer/model";
import { percent, table } from "../output/table.js";

/** A prediction, and the file that it is about. */
export interface PredictionRow extends Prediction {
  file: string;
}

/** One line a picture: its expression, how sure the model is, and the next likely one. */
export function renderPredictions(rows: readonly PredictionRow[]): string {
  const shown = rows.map(({ file, expression, confidence, probabilities }) => {
    const [name, share] = Object.entries(probabilities)
      .filter(([other]) => other !== expression)
      .sort(([, a], [, b]) => b - a)[0]!;
    return [file, expression, percent(confidence), `${name} ${percent(share)}`];
  });
  return table(["picture", "expression", "sure", "next"], shown);
}
