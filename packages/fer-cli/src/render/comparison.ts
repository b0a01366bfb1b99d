/** A comparison of runs as a table: for a terminal, or for a paper. */
import { csvCell, formatCount, formatEstimate } from "@fer/core";
import { METRIC_NAMES, METRICS } from "@fer/core/run";
import type { ComparedRun, Comparison, Estimate } from "@fer/model";
import { latexTable, markdownTable, type TableFormat } from "../output/paper-tables.js";
import { table } from "../output/table.js";

/** The table with what it is about; CSV has the numbers alone, all of them, as shares. */
export function renderComparison(comparison: Comparison, format: TableFormat): string {
  if (format === "csv") return csv(comparison);
  const { runs } = comparison;
  const rows = runs.map((run) => [run.run, ...scoreCells(run), ...againstCells(run)]);
  const header = [
    "run",
    ...METRIC_NAMES.map((name) => METRICS[name].title),
    "accuracy, points against the first",
    "only it / only the first right",
    runs.length > 2 ? "p, Holm" : "p",
  ];
  if (format === "latex") return latexTable({ header, rows, caption: captionOf(comparison) });
  if (format === "markdown") return [markdownTable([header, ...rows]), "", captionOf(comparison)].join("\n");
  return [captionOf(comparison), "", table(header, rows)].join("\n");
}

function captionOf({ set, part, images, units, unitCount, resamples, runs }: Comparison): string {
  const tested = `${set}, ${part === "folds" ? "folds pooled" : `${part} part`}: ${formatCount(images)} images`;
  const drawn = units === "images" ? "images" : `${formatCount(unitCount)} groups`;
  const several = runs.length > 2 ? ", with Holm's correction" : "";
  return `${tested}. In brackets intervals of 95 % (paired bootstrap of ${drawn}, ${formatCount(resamples)} draws); p of McNemar's exact test${several}.`;
}

const scoreCells = ({ scores }: ComparedRun): string[] =>
  METRIC_NAMES.map((name) => {
    const { value, low, high } = scores[name];
    return formatEstimate(value, [low, high]);
  });

function againstCells({ against }: ComparedRun): string[] {
  if (against === null) return ["-", "-", "-"];
  const { differences, onlyRight, pHolm } = against;
  const { value, low, high } = differences.accuracy;
  return [
    `${signed(value)} [${signed(low)}, ${signed(high)}]`,
    `${formatCount(onlyRight.second)} / ${formatCount(onlyRight.first)}`,
    pHolm < 0.0001 ? "< 0.0001" : pHolm.toFixed(4),
  ];
}

/** A share in percent. */
const tenths = (share: number): string => (100 * share).toFixed(1);

const signed = (share: number): string => {
  const text = tenths(share);
  return share > 0 && text !== "0.0" ? `+${text}` : text.replace(/^-(0\.0)$/, "$1");
};

function csv({ runs, ...about }: Comparison): string {
  const estimate = (of: Estimate | undefined): (string | number)[] => [of?.value ?? "", of?.low ?? "", of?.high ?? ""];
  const columns = (name: string): string[] => [name, `${name}_low`, `${name}_high`];
  const header = [
    "set",
    "part",
    "images",
    "run",
    ...METRIC_NAMES.flatMap(columns),
    ...METRIC_NAMES.flatMap((name) => columns(`${name}_difference`)),
    "only_run_right",
    "only_first_right",
    "p",
    "p_holm",
  ];
  const rows = runs.map(({ run, scores, against }): (string | number)[] => [
    about.set,
    about.part,
    about.images,
    run,
    ...METRIC_NAMES.flatMap((name) => estimate(scores[name])),
    ...METRIC_NAMES.flatMap((name) => estimate(against?.differences[name])),
    against?.onlyRight.second ?? "",
    against?.onlyRight.first ?? "",
    against?.p ?? "",
    against?.pHolm ?? "",
  ]);
  return [header, ...rows].map((row) => row.map(csvCell).join(",")).join("\n");
}
