/**
 * The report: one HTML file that refers to nothing outside itself (a content security policy holds it to that), has
 * no scripts and no faces, and reads in light, in dark and on paper.
 */
import type { SetInfo } from "@fer/core/set";
import {
  accuracyCurves,
  classCountsChart,
  confusionMatrixChart,
  lossCurves,
  renderSvg,
  type ChartSpec,
} from "../charts/index.js";
import { html, type Html, raw, STYLE } from "@fer/core/html";
import type { ReportData } from "./report-data.js";
import { citation } from "./sections/citation.js";
import { data as dataSection } from "./sections/data.js";
import { evaluations } from "./sections/evaluations.js";
import { scores } from "./sections/scores.js";
import { settings } from "./sections/settings.js";
import { partName, summary } from "./sections/summary.js";
import { training } from "./sections/training.js";

/** File names of the charts of a run, without endings. */
export type ChartName = "accuracy" | "loss" | "confusion-matrix" | "class-counts";

/** The charts that a run has data for. */
export function reportCharts({ history, outcome, metrics, set }: ReportData): Partial<Record<ChartName, ChartSpec>> {
  const best = outcome?.weights === "best" ? outcome.bestEpoch : null;
  const counts = set === null ? null : partCounts(set);
  return {
    ...(history.length === 0 ? {} : { accuracy: accuracyCurves(history, best), loss: lossCurves(history, best) }),
    ...(metrics === null
      ? {}
      : {
          "confusion-matrix": confusionMatrixChart(metrics.confusionMatrix, {
            classes: metrics.classes,
            subtitle: `${metrics.set.name}, ${partName(metrics.part)}`,
          }),
        }),
    ...(counts === null ? {} : { "class-counts": classCountsChart(counts, set!.classes) }),
  };
}

/**
 * Text of `report.html`.
 *
 * @param drawn SVG texts of charts that are drawn already; the others are drawn here.
 *
 * @example
 * ```ts
 * import { openRun, renderReport } from "@fer/model";
 *
 * const { config, model, outcome, history, metrics } = await openRun("runs/first");
 * const page = await renderReport({ name: "first", config, model, outcome, history, metrics, set: null });
 * console.log(page.slice(0, 15)); // <!doctype html>
 * ```
 */
export async function renderReport(data: ReportData, drawn: Partial<Record<ChartName, string>> = {}): Promise<string> {
  const figures: Partial<Record<ChartName, Html>> = {};
  for (const [name, spec] of Object.entries(reportCharts(data)) as [ChartName, ChartSpec][]) {
    figures[name] = figure(drawn[name] ?? (await renderSvg(spec)), spec.description);
  }
  const { metrics, date, config } = data;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>${data.name} – facial expression recognition</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${summary(data)} ${metrics !== null && scores(metrics, figures["confusion-matrix"])}
          ${data.history.length > 0 && training(data, [figures.accuracy, figures.loss])}
          ${dataSection(data, figures["class-counts"])} ${evaluations(data)} ${settings(data)} ${citation(data)}
        </main>
        <footer>
          Made by @fer/model
          ${config.versions["@fer/model"] ?? ""}${date && html` on <time datetime="${date.toISOString()}">${date.toISOString().slice(0, 16).replace("T", " ")} UTC</time>`}.
          Expressions are what a face shows, not what a person feels.
        </footer>
      </body>
    </html> `.text;
}

const figure = (svg: string, description: string): Html =>
  html`<figure class="chart" role="img" aria-label="${description}">${raw(svg)}</figure>`;

/** Part `full` holds the images of train and test once more. */
function partCounts({ parts }: SetInfo): Partial<Record<keyof SetInfo["parts"], Record<string, number>>> {
  const names = (Object.keys(parts) as (keyof SetInfo["parts"])[]).filter((part) => part !== "full" || !parts.train);
  return Object.fromEntries(names.map((part) => [part, parts[part]!.perClass]));
}
