/** What `fer train --seeds` says about its runs. */
import { formatCount } from "@fer/core";
import { METRIC_NAMES, METRICS, type Scores, type SeedsSummary } from "@fer/core/run";
import { percent, table } from "../output/table.js";

/** A row a seed, then mean and deviation, and the mean of their probabilities. */
export function renderSeeds({ folder, summary }: { folder: string; summary: SeedsSummary }): string {
  const { seeds, tested } = summary;
  const head = `${seeds.length} runs in ${folder}: ${seeds.map((seed) => `seed-${seed}`).join(", ")}`;
  if (tested === null) return `${head}\n\nThe set has no test part: nothing was measured.`;
  const { set, part, count, rows, spread, ensemble } = tested;
  const row = (name: string, of: Scores): string[] => [name, ...METRIC_NAMES.map((metric) => percent(of[metric]))];
  const spreads = METRIC_NAMES.map((metric) => spread[metric]!);
  const lines = [
    ...rows.map((of) => row(`seed ${of.seed}, ${of.weights} epoch`, of)),
    ["mean", ...spreads.map(({ mean }) => percent(mean))],
    ["deviation", ...spreads.map(({ deviation }) => percent(deviation))],
    row("all together, as an ensemble", ensemble),
  ];
  const measured = part === "folds" ? "folds pooled" : `${part} part`;
  return [
    head,
    "",
    `${set.name}, ${measured}: ${formatCount(count)} images`,
    "",
    table(["", ...METRIC_NAMES.map((metric) => METRICS[metric].title)], lines),
  ].join("\n");
}
