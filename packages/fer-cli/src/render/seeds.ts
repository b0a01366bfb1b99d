/** What `fer train --seeds`, `fer inspect` and `fer evaluate` say about runs of several seeds. */
import { formatCount } from "@fer/core";
import { METRIC_NAMES, type Metrics, METRICS, type Scores, type SeedsSummary, spreadsOf } from "@fer/core/run";
import { percent, table } from "../output/table.js";

/** A row a seed, then mean and deviation, and the mean of their probabilities. */
export function renderSeeds({ folder, summary }: { folder: string; summary: SeedsSummary }): string {
  const { seeds, tested } = summary;
  const head = `${seeds.length} runs in ${folder}: ${seeds.map((seed) => `seed-${seed}`).join(", ")}`;
  if (tested === null) return `${head}\n\nThe set has no test part: nothing was measured.`;
  const { set, part, count, rows, spread, ensemble } = tested;
  const lines = [...seedRows(rows, spread), row("all together, as an ensemble", ensemble)];
  const measured = part === "folds" ? "folds pooled" : `${part} part`;
  return [head, "", `${set.name}, ${measured}: ${formatCount(count)} images`, "", scoreTable(lines)].join("\n");
}

/** An evaluation of each: a row a seed, then mean and deviation. */
export function renderEvaluations(folder: string, tests: readonly (Metrics & { seed: number })[]): string {
  const { set, part, count } = tests[0]!;
  const head = `${tests.length} runs in ${folder} on ${set.name}, ${part} part: ${formatCount(count)} images`;
  return [head, "", scoreTable(seedRows(tests, spreadsOf(tests)))].join("\n");
}

type Spreads = NonNullable<SeedsSummary["tested"]>["spread"];

function seedRows(
  rows: readonly (Scores & { seed: number; weights: Metrics["weights"] })[],
  spread: Spreads,
): string[][] {
  const spreads = METRIC_NAMES.map((metric) => spread[metric]!);
  return [
    ...rows.map((of) => row(`seed ${of.seed}, ${of.weights} epoch`, of)),
    ["mean", ...spreads.map(({ mean }) => percent(mean))],
    ["deviation", ...spreads.map(({ deviation }) => percent(deviation))],
  ];
}

const row = (name: string, of: Scores): string[] => [name, ...METRIC_NAMES.map((metric) => percent(of[metric]))];

const scoreTable = (lines: readonly string[][]): string =>
  table(["", ...METRIC_NAMES.map((metric) => METRICS[metric].title)], lines);
