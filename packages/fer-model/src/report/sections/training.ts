/** How training went. */
import { html, type Html } from "@fer/core/html";
import { counted } from "../numbers.js";
import type { ReportData } from "../report-data.js";

/** Columns of the history in words. */
const MONITORED: Record<string, string> = {
  loss: "training loss",
  accuracy: "training accuracy",
  val_loss: "validation loss",
  val_accuracy: "validation accuracy",
  val_macro_f1: "validation macro-F1",
};

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
      ${kept}${outcome !== null && outcome.stopped !== null && ` Stopped early: ${outcome.stopped}`}
    </p>
    ${charts}`;
}
