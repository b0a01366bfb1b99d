/** What `fer cross` says: a row a model, and for each set its scores, and what the model has seen of it. */
import { csvCell, formatCount, formatEstimate } from "@fer/core";
import type { Metrics } from "@fer/core/run";
import type { Crossed } from "@fer/model";
import { latexTable, markdownTable, type TableFormat } from "../output/paper-tables.js";
import { table } from "../output/table.js";

/** The table, and below it why cells are empty; CSV has a line a cell, with shares. */
export function renderCross(rows: readonly Crossed[], format: TableFormat): string {
  if (format === "csv") return csv(rows);
  const models = [...new Set(rows.map(({ model }) => model))];
  const columns = rows.filter(({ model }) => model === models[0]);
  const header = ["model", ...columns.flatMap(({ set }) => [`${set}: accuracy`, "macro-F1", "seen"])];
  const lines = models.map((model) => [model].concat(rows.filter((row) => row.model === model).flatMap(cells)));
  const sets = columns.map(({ set, part }) => {
    const count = rows.find((row) => row.set === set && row.metrics !== null)?.metrics?.count;
    return `${set}, ${part === "all" ? "all of it" : `${part} part`}${count === undefined ? "" : `: ${formatCount(count)} images`}`;
  });
  const caption = `${sets.join("; ")}. In brackets intervals of 95 % (bootstrap). Seen: images of the set that the model was trained or validated on, or twins of which it was.`;
  const problems = rows.flatMap(({ model, set, problem }) =>
    problem === null ? [] : [`${model} on ${set}: ${problem}`],
  );
  if (format === "latex") return latexTable({ header, rows: lines, caption });
  const shown =
    format === "markdown" ? [markdownTable([header, ...lines]), "", caption] : [caption, "", table(header, lines)];
  return [...shown, ...(problems.length === 0 ? [] : ["", ...problems])].join("\n");
}

function cells({ metrics, trainedOn }: Crossed): string[] {
  if (metrics === null) return ["-", "-", "-"];
  const { accuracy, macroF1, intervals } = metrics;
  const seen = seenOf(metrics);
  return [
    formatEstimate(accuracy, intervals?.accuracy),
    formatEstimate(macroF1, intervals?.macroF1),
    seen === null ? unknown(trainedOn) : formatCount(seen),
  ];
}

/** Which images it has seen nobody knows; from which data they came its file may say. */
const unknown = (trainedOn: string | null): string =>
  trainedOn === null ? "unknown" : `unknown (trained on ${trainedOn})`;

/** Images that are known; of its own set, those with a twin in training. `null` where the model does not say. */
function seenOf({ seen, twins }: Metrics): number | null {
  if (seen === undefined) return (twins?.near ?? twins?.exact)?.images ?? null;
  return seen === null ? null : seen.images;
}

function csv(rows: readonly Crossed[]): string {
  const header =
    "model,set,part,images,accuracy,accuracy_low,accuracy_high,macro_f1,macro_f1_low,macro_f1_high,seen,trained_on,problem";
  const lines = rows.map(({ model, set, part, trainedOn, metrics, problem }) => {
    const { count, accuracy, macroF1, intervals } = metrics ?? {};
    const [low, high] = intervals?.accuracy ?? [];
    const [f1Low, f1High] = intervals?.macroF1 ?? [];
    const seen = metrics === null ? null : seenOf(metrics);
    return [model, set, part, count, accuracy, low, high, macroF1, f1Low, f1High, seen, trainedOn, problem]
      .map((value) => csvCell(value ?? ""))
      .join(",");
  });
  return [header, ...lines].join("\n");
}
