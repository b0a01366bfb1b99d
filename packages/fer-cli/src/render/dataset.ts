/** What `fer extract` says about an image folder. */
import { formatCount } from "@fer/core";
import type { DatasetInfo } from "@fer/core/image-folder";
import { type Cell, table } from "../output/table.js";

/** Counts by expression and split, what was left out and why, and whether the owner's totals match. */
export function renderDataset(info: DatasetInfo, folder: string): string {
  const splits = Object.keys(info.counts);
  const names = [...new Set(splits.flatMap((split) => Object.keys(info.counts[split]!)))];
  const countsOf = (name: string) => splits.map((split) => info.counts[split]![name] ?? 0);
  const rows = names.map((name) => ([name] as Cell[]).concat(countsOf(name)));
  const sums = splits.map((split) => Object.values(info.counts[split]!).reduce((a, b) => a + b, 0));
  const skipped = Object.entries(info.skipped).filter(([, count]) => count > 0);
  return [
    `${info.title} (${info.form}): ${formatCount(info.total)} images in ${folder}`,
    "",
    table(["expression", ...splits], [...rows, ["total", ...sums]]),
    "",
    skipped.length === 0
      ? "skipped: nothing"
      : `skipped: ${skipped.map(([reason, count]) => `${count} ${reason}`).join(", ")} (listed in skipped.jsonl)`,
    `owner's totals: ${info.verification.status}`,
    ...info.verification.details.map((detail) => `  ${detail}`),
    ...info.warnings.map((warning) => `note: ${warning}`),
  ].join("\n");
}
