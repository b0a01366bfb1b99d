/** Scores on other parts and sets. */
import { scoredSubsets } from "@fer/core/run";
import { html, type Html, table } from "@fer/core/html";
import { count } from "../numbers.js";
import type { ReportData } from "../report-data.js";
import { estimateCells, SCORE_COLUMNS } from "../score-columns.js";

export function evaluations({ evaluations = [], config }: ReportData): Html | false {
  if (evaluations.length === 0) return false;
  const rows = evaluations.flatMap((metrics) => [
    [
      metrics.set.name,
      metrics.part,
      metrics.set.fingerprint === config.data.fingerprint ? "same set" : "another set",
      count(metrics.count),
      ...estimateCells(metrics),
    ],
    ...scoredSubsets(metrics).map(({ name, scores }) =>
      ["", "", name, count(scores.count)].concat(estimateCells(scores)),
    ),
  ]);
  return html`<h2>Elsewhere</h2>
    ${table([{ title: "set" }, { title: "part" }, { title: "" }, { title: "images", number: true }, ...SCORE_COLUMNS], {
      rows,
      caption: "Later evaluations of the same weights.",
    })}`;
}
