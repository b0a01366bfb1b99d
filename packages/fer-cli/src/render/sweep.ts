/** What `fer sweep` says: the trials, the best first. */
import { join } from "node:path";
import { rankedRows, type SweepRow, type SweepSummary } from "@fer/model";
import { percent, table } from "../output/table.js";

/** A row a trial, of its longest training; those that failed last. */
export function renderSweep(folder: string, { rows, monitor, best, asked, set }: SweepSummary): string {
  const longest = [...new Map(rows.map((row) => [row.trial, row])).values()];
  const ranked = rankedRows(longest, monitor).sort((a, b) => b.epochs - a.epochs);
  const failed = longest.filter(({ score }) => score === null);
  const score = (value: number | null): string =>
    value === null ? "failed" : monitor.endsWith("loss") ? value.toFixed(4) : percent(value);
  const names = Object.keys(asked.space);
  const line = ({ folder: run, score: value, bestEpoch, drawn }: SweepRow): string[] => {
    const values = names.map((name) => JSON.stringify(drawn[name]));
    return [run, score(value), bestEpoch === null ? "" : String(bestEpoch), ...values];
  };
  return [
    `${longest.length} trials on ${set.name}, ranked by ${monitor} (chart: ${join(folder, "sweep.svg")})`,
    "",
    table(["run", monitor, "epoch", ...names], [...ranked, ...failed].map(line)),
    "",
    best === null ? "No trial was trained to its end." : `best: ${join(folder, best)}`,
  ].join("\n");
}
