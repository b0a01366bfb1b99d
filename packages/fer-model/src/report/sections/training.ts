/** How training went. */
import { html, type Html } from "@fer/core/html";
import { counted, percent } from "../numbers.js";
import type { ReportData } from "../report-data.js";

/** Columns of the history in words. */
const MONITORED: Record<string, string> = {
  loss: "training loss",
  accuracy: "training accuracy",
  val_loss: "validation loss",
  val_accuracy: "validation accuracy",
  val_macro_f1: "validation macro-F1",
};

/** What was made of its probabilities. */
function calibrated(outcome: ReportData["outcome"]): string {
  const calibration = outcome?.calibration;
  if (calibration === undefined) return "";
  if (calibration.temperature === null)
    return ` Its probabilities are as the network gives them: ${calibration.reason}.`;
  const { temperature, count, before, after } = calibration;
  return ` Its probabilities are to the power of 1/${temperature.toFixed(2)} (temperature), scaled to a sum of 1: fitted on ${counted(count, "validation image")}, whose calibration error is ${percent(before.calibrationError)} without and ${percent(after.calibrationError)} with it. No prediction changes by that.`;
}

export function training({ outcome, history }: ReportData, charts: readonly (Html | undefined)[]): Html {
  const monitored = MONITORED[outcome?.monitor ?? ""] ?? outcome?.monitor;
  const kept =
    outcome === null || outcome.bestEpoch === null
      ? "The weights of the last epoch are the ones scored."
      : outcome.weights === "best"
        ? `Epoch ${outcome.bestEpoch} had the best ${monitored}; its weights are the ones scored.`
        : `Epoch ${outcome.bestEpoch} had the best ${monitored}, but the weights of the last epoch are the ones scored.`;
  return html`<h2>Training</h2>
    <p>
      ${counted(history.length, "epoch")}.
      ${kept}${outcome !== null && outcome.stopped !== null && ` Stopped early: ${outcome.stopped}`}${calibrated(outcome)}
    </p>
    ${charts}`;
}
