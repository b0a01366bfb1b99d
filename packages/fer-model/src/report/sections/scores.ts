/** Scores: the network beside its baselines, class by class, fold by fold. */
import { type ClassMetrics, METRIC_NAMES, type Metrics, scoredSubsets } from "@fer/core/run";
import { html, type Html, table } from "@fer/core/html";
import { count, drawnUnits, estimate, percent, plusMinus } from "../numbers.js";
import { estimateCells, SCORE_COLUMNS, scoreCells } from "../score-columns.js";

const ADDS = "What the network adds: baselines trained on the same images, scored on the same part.";

export function scores(metrics: Metrics, confusion: Html | undefined): Html {
  const { baselines } = metrics;
  const ridge = baselines?.ridge ?? null;
  const subsets = scoredSubsets(metrics);
  return html`<h2>Scores</h2>
    ${
      (baselines !== null || subsets.length > 0) &&
      table([{ title: "" }, ...SCORE_COLUMNS], {
        rows: [
          ["this network", ...estimateCells(metrics)],
          ...subsets.map(({ name, scores }) => [name].concat(estimateCells(scores))),
          ...(ridge === null ? [] : [["ridge regression on raw pixels", ...scoreCells(ridge)]]),
          ...(baselines === null ? [] : [["always the most frequent class", ...scoreCells(baselines.majority)]]),
        ],
        ...(baselines === null ? {} : { caption: ADDS }),
      })
    }
    ${confusion} ${perClass(metrics)} ${certainty(metrics)} ${folds(metrics)}`;
}

function perClass({ perClass, classes, support, intervals }: Metrics): Html {
  const row = (name: string, { precision, recall, f1 }: ClassMetrics) => [
    name,
    count(support[name] ?? 0),
    percent(precision),
    percent(recall),
    estimate(f1, intervals?.f1[name]),
    bar(f1),
  ];
  const brackets =
    intervals === undefined
      ? ""
      : ` In brackets: intervals of 95 % (bootstrap of ${drawnUnits(intervals)}, ${count(intervals.resamples)} draws).`;
  return html`<h3>By class</h3>
    ${table(
      [
        { title: "expression" },
        { title: "images", number: true },
        { title: "precision", number: true },
        { title: "recall", number: true },
        { title: "F1", number: true },
        { title: "", class: "bar" },
      ],
      {
        rows: classes.map((name) =>
          row(name, perClass[name] ?? { precision: null, recall: null, f1: null, support: 0 }),
        ),
        caption: `Precision: how many of those named so are so. Recall: how many of those that are so are named so.${brackets}`,
      },
    )}`;
}

function certainty({ certainty, intervals, uncalibrated }: Metrics): Html | false {
  if (certainty === undefined) return false;
  return html`<p>
    The truth is among the two most probable expressions of ${estimate(certainty.top2Accuracy, intervals?.top2Accuracy)}
    of the images. What the network calls its confidence is off by
    ${estimate(certainty.calibrationError, intervals?.calibrationError)} on average (expected calibration error, 15
    bins${uncalibrated !== undefined && `; ${percent(uncalibrated.calibrationError)} without its temperature`}).
  </p>`;
}

/** A share as a bar; without one, only its frame. */
function bar(share: number | null): Html {
  const width = ((share ?? 0) * 100).toFixed(1);
  return html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <rect class="all" width="100" height="10" />
    <rect class="part" width="${width}" height="10" />
  </svg>`;
}

function folds({ folds, spread }: Metrics): Html | false {
  if (folds === undefined) return false;
  const rows = folds.map((fold) => [`fold ${fold.fold}`, count(fold.count), ...scoreCells(fold)]);
  const total = spread && ["mean ± deviation", "", ...METRIC_NAMES.map((name) => plusMinus(spread[name]))];
  return html`<h3>By fold</h3>
    ${table([{ title: "" }, { title: "images", number: true }, ...SCORE_COLUMNS], {
      rows: total ? [...rows, total] : rows,
      caption: "The scores above pool all folds; these count each fold once.",
      total: total !== undefined,
    })}`;
}
