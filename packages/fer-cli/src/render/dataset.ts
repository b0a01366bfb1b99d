/** What `fer extract` says about an image folder. */
import { formatCount } from "@fer/core";
import type { DatasetInfo } from "@fer/core/image-folder";
import { type Cell, table } from "../output/table.js";

/** Counts by expression and split, what was left out and why, and whether the owner's totals match. */
export function renderDataset(info: DatasetInfo, folder: string): string {
  const skipped = Object.entries(info.skipped).filter(([, count]) => count > 0);
  return [
    `${info.title} (${info.form}): ${formatCount(info.total)} images in ${folder}`,
    "",
    countsTable(info.counts),
    "",
    skipped.length === 0
      ? "skipped: nothing"
      : `skipped: ${skipped.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(", ")} (listed in skipped.jsonl)`,
    `owner's totals: ${info.verification.status}`,
    ...info.verification.details.map((detail) => `  ${detail}`),
    ...facesLines(info),
    ...info.warnings.map((warning) => `note: ${warning}`),
  ].join("\n");
}

/** How faces were found, where they were. */
function facesLines({ faceCrop, pictures }: DatasetInfo): string[] {
  if (faceCrop === undefined) return [];
  const several = pictures?.severalFaces ?? 0;
  const largest =
    several === 0 ? "" : `; ${formatCount(several)} pictures show several, of which the largest was taken`;
  return [`faces: found by ${faceCrop.detector}, ${faceCrop.side} x ${faceCrop.side} pixels${largest}`];
}

/** Images by expression and split. */
export function countsTable(counts: DatasetInfo["counts"]): string {
  const splits = Object.entries(counts);
  const names = [...new Set(splits.flatMap(([, classes]) => Object.keys(classes)))];
  const rows = names.map((name) => ([name] as Cell[]).concat(splits.map(([, classes]) => classes[name] ?? 0)));
  const sums = splits.map(([, classes]) => Object.values(classes).reduce((a, b) => a + b, 0));
  return table(["expression", ...splits.map(([split]) => split)], [...rows, ["total", ...sums]]);
}
