/** Head of the report: what was done, the score in one sentence, and what to think of it. */
import type { SetInfo } from "@fer/core/set";
import { caveats } from "../caveats.js";
import { html, type Html } from "@fer/core/html";
import { count, counted, percent, plusMinus, points } from "../numbers.js";
import type { ReportData } from "../report-data.js";
import { METRIC_NAMES, METRICS, type MetricName, type Metrics } from "@fer/core/run";

export function summary(data: ReportData): Html {
  const { name, config, metrics, set } = data;
  const architecture = data.model?.architecture ?? String(config.options["architecture"] ?? "custom");
  return html`<header>
      <h1>${name}</h1>
      <p class="soft">
        ${architecture} trained on ${config.data.name} (${counted(config.samples.train, "image")}, policy
        “${config.data.policy}”)
      </p>
    </header>
    ${metrics === null ? html`<p class="lead">This run has no test part, so there is no score to report.</p>` : [sentence(metrics), keyFigures(metrics, set), notes(data, metrics)]}`;
}

/** What the part is called in running text. */
export function partName(part: Metrics["part"]): string {
  if (part === "folds") return "all folds together";
  if (part === "full" || part === "all") return "the whole set";
  return { train: "the training part", val: "the validation part", test: "the test part" }[part];
}

function sentence(metrics: Metrics): Html {
  const { accuracy, baselines, part, count: images } = metrics;
  const ridge = baselines?.ridge ?? null;
  return html`<p class="lead" style="margin-top:1.5rem">
    Of ${counted(images, "image")} in ${partName(part)}, <strong>${percent(accuracy)}</strong> are
    recognised${
      baselines !== null &&
      html`; always naming the most frequent class would give
      ${percent(baselines.majority.accuracy)}${ridge !== null && html`, a linear classifier on raw pixels ${percent(ridge.accuracy)}`}`
    }.
  </p>`;
}

function keyFigures(metrics: Metrics, set: SetInfo | null): Html {
  const { baselines, spread, count: images, part, intervals } = metrics;
  const [other, what] = baselines?.ridge ? [baselines.ridge, "ridge"] : [baselines?.majority, "majority"];
  const beside = (name: MetricName): string | false => {
    if (spread !== undefined) return `folds: ${plusMinus(spread[name])}`;
    const [ours, theirs] = [metrics[name], other?.[name]];
    return ours !== undefined && theirs !== undefined && points(ours - theirs, what);
  };
  const range = (name: MetricName): Html | false => {
    const [low, high] = intervals?.[name] ?? [];
    return low !== undefined && html`<small>95%: ${percent(low)} to ${percent(high)}</small>`;
  };
  const figure = (name: MetricName) =>
    html`<div>
      <dt>${capital(METRICS[name].title)}</dt>
      <dd>${percent(metrics[name])}${range(name)}<small>${beside(name)}</small></dd>
    </div> `;
  return html`<dl class="figures">
    ${METRIC_NAMES.map(figure)}
    <div>
      <dt>Scored</dt>
      <dd>
        ${count(images)}<small
          >${images === 1 ? "image" : "images"}${part === "test" && set !== null && ofGroups(set)}</small
        >
      </dd>
    </div>
  </dl>`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function notes({ config, set }: ReportData, metrics: Metrics): Html {
  return html`<h2>What this score means</h2>
    <ul class="caveats">
      ${caveats(metrics, { config, set }).map(({ kind, text }) => html`<li class="${kind}">${text}</li>`)}
    </ul>`;
}

function ofGroups({ parts, groupKind }: SetInfo): string | false {
  const groups = parts.test?.groups ?? 0;
  if (groupKind === "none" || groups === 0) return false;
  return groupKind === "subject" ? ` of ${counted(groups, ["person", "people"])}` : ` of ${counted(groups, groupKind)}`;
}
