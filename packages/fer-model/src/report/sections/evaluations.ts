/** Scores on other parts and sets. */
import { html, type Html } from "../html.js";
import { count, percent } from "../numbers.js";
import type { ReportData } from "../report-data.js";
import { table } from "../table.js";

export function evaluations({ evaluations = [], config }: ReportData): Html | false {
  if (evaluations.length === 0) return false;
  const rows = evaluations.map((metrics) => [
    metrics.set.name,
    metrics.part,
    metrics.set.fingerprint === config.data.fingerprint ? "same set" : "another set",
    count(metrics.count),
    percent(metrics.accuracy),
    percent(metrics.balancedAccuracy),
    percent(metrics.macroF1),
  ]);
  return html`<h2>Elsewhere</h2>
    ${table(
      [
        { title: "set" },
        { title: "part" },
        { title: "" },
        { title: "images", number: true },
        { title: "accuracy", number: true },
        { title: "balanced accuracy", number: true },
        { title: "macro-F1", number: true },
      ],
      rows,
      { caption: "Later evaluations of the same weights." },
    )}`;
}
