/** What `fer train` and `fer evaluate` say about a run and its scores. */
import { formatCount, formatEstimate } from "@fer/core";
import { METRIC_NAMES, METRICS, type Metrics, type Scores, scoredSubsets } from "@fer/core/run";
import type { Run } from "@fer/model";
import { percent, table } from "../output/table.js";

/** How training ended, and the scores of the test part. */
export function renderRun({
  config,
  outcome,
  metrics,
  folder,
}: Pick<Run, "config" | "outcome" | "metrics" | "folder">): string {
  const { engine, precision } = config;
  const device = engine.device === null ? "" : ` on ${engine.device}`;
  const lines = [
    `run ${folder}: engine ${engine.name}${device} (${engine.reason})${precision === undefined ? "" : `, ${precision}`}`,
  ];
  if (outcome !== null) {
    const best = outcome.bestEpoch === null ? "" : `, best by ${outcome.monitor}: epoch ${outcome.bestEpoch}`;
    const mean = outcome.averaged === undefined ? "" : `, last weights averaged over ${outcome.averaged.epochs} epochs`;
    lines.push(
      `${outcome.epochs} epochs${best}${mean}${outcome.stopped === null ? "" : `; ended early: ${outcome.stopped}`}`,
    );
  }
  lines.push(...temperatureLines(outcome));
  const scores = metrics === null ? "The set has no test part: nothing was measured." : renderMetrics(metrics);
  return [...lines, "", scores].join("\n");
}

/** `once`, `3 times`. */
export const timesOf = (count: number): string => (count === 1 ? "once" : `${formatCount(count)} times`);

/** What was made of the probabilities, or why nothing was. */
function temperatureLines(outcome: Run["outcome"]): string[] {
  const calibration = outcome?.calibration;
  if (calibration === undefined) return [];
  if (calibration.temperature === null) return [`no temperature: ${calibration.reason}`];
  const { temperature, count, before, after } = calibration;
  const errors = `${percent(before.calibrationError)} without it, ${percent(after.calibrationError)} with it`;
  return [
    `temperature ${temperature.toFixed(3)}, fitted on ${formatCount(count)} validation images (calibration error there ${errors}); no prediction changes by it`,
  ];
}

/** What the model has seen of another set. */
function seenOf({ seen }: Metrics): string {
  if (seen === undefined) return "";
  if (seen === null) return "; which of them the model has seen is not known";
  return `; of them the model has seen ${formatCount(seen.images)}, and ${formatCount(seen.groups)} groups`;
}

function certaintyLines({ certainty, intervals, uncalibrated }: Metrics): string[] {
  if (certainty === undefined) return [];
  const top2 = formatEstimate(certainty.top2Accuracy, intervals?.top2Accuracy);
  const calibration = formatEstimate(certainty.calibrationError, intervals?.calibrationError);
  const before =
    uncalibrated === undefined ? "" : ` (${percent(uncalibrated.calibrationError)} without the temperature)`;
  return [`truth among the two most probable: ${top2}; calibration error ${calibration}${before}`];
}

/** Whether images are left to score that the model does not know. */
function twinLines({ twins }: Metrics): string[] {
  if (twins === undefined) return [];
  const { images, without } = twins.near ?? twins.exact;
  const kind = twins.near === null ? "an exact twin" : "a twin, exact or near,";
  if (images === 0) return [`no image has ${kind} among those that the model was trained or validated on`];
  return without === null ? [`every image has ${kind} among those that the model was trained or validated on`] : [];
}

/** What stands in brackets. */
function intervalLines({ intervals }: Metrics): string[] {
  if (intervals === undefined) return [];
  const { units, unitCount, resamples } = intervals;
  const drawn = `${formatCount(unitCount)} ${units}, ${formatCount(resamples)} draws`;
  return [`in brackets intervals of 95 % (bootstrap of ${drawn})`];
}

function f1Of(name: string, { perClass, intervals }: Metrics): string {
  const f1 = perClass[name]?.f1 ?? null;
  return f1 === null ? percent(f1) : formatEstimate(f1, intervals?.f1[name] ?? undefined);
}

/** Scores with the baselines beside them, then each class. */
export function renderMetrics(metrics: Metrics): string {
  const { baselines, set, part, count, weights, spread, folds, intervals } = metrics;
  const row = (name: string, scores: Scores) => [name, ...METRIC_NAMES.map((metric) => percent(scores[metric]))];
  const network = METRIC_NAMES.map((name) => formatEstimate(metrics[name], intervals?.[name]));
  const scores = [[weights === "file" ? "model" : `network (${weights} epoch)`, ...network]];
  for (const subset of scoredSubsets(metrics)) {
    const cells = METRIC_NAMES.map((name) => formatEstimate(subset.scores[name], subset.scores.intervals?.[name]));
    scores.push([`- ${subset.name}`, ...cells]);
  }
  if (baselines?.ridge) scores.push(row("ridge on raw pixels", baselines.ridge));
  if (baselines) scores.push(row("always the most frequent class", baselines.majority));
  const classes = metrics.classes.map((name) => {
    const each = metrics.perClass[name];
    return [name, percent(each?.precision), percent(each?.recall), f1Of(name, metrics), each?.support ?? 0];
  });
  const measured = part === "folds" ? `${folds?.length ?? 0} folds pooled` : `${part} part`;
  return [
    `${set.name}, ${measured}: ${formatCount(count)} images${seenOf(metrics)}`,
    "",
    table(["", ...METRIC_NAMES.map((metric) => METRICS[metric].title)], scores),
    ...(spread
      ? [
          "",
          `over the folds: accuracy ${percent(spread.accuracy.mean)}, deviation ${percent(spread.accuracy.deviation)}`,
        ]
      : []),
    ...certaintyLines(metrics),
    ...intervalLines(metrics),
    ...twinLines(metrics),
    "",
    table(["class", "precision", "recall", "F1", "images"], classes),
  ].join("\n");
}
