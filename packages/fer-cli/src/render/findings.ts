/** What `fer inspect` says about image folders. */
import { formatCount } from "@fer/core";
import type { InspectResult } from "@fer/dataset-extractors";
import { type Cell, table } from "../output/table.js";

/** Counts by class, findings, warnings, and the files that were written. */
export function renderFindings(result: InspectResult, written: readonly string[]): string {
  const { counts, duplicates, conflicts, black, blank, undecodable, sharpness, warnings } = result;
  const splits = Object.keys(counts);
  const names = [...new Set(splits.flatMap((split) => Object.keys(counts[split]!)))];
  const rows = names.map((name) => ([name] as Cell[]).concat(splits.map((split) => counts[split]![name] ?? 0)));
  const twins = Object.entries(duplicates).map(([kind, found]) => [
    `${kind} twins`,
    found.groups,
    found.files,
    found.acrossSplits,
    found.acrossFolders,
  ]);
  const bad = [
    ["black", black],
    ["a single tone", blank],
    ["not decodable", undecodable],
    ["identical pictures with two labels", conflicts],
  ];
  return [
    `${formatCount(result.images)} images in ${result.folders.map(({ folder }) => folder).join(", ")}`,
    table(["expression", ...splits], rows),
    table(["", "groups", "files", "across splits", "across folders"], twins),
    table(["", "images"], bad),
    `median sharpness: ${Object.entries(sharpness)
      .map(([split, value]) => `${split} ${value}`)
      .join(", ")}`,
    ...(warnings.length > 0 ? [warnings.map((text) => `! ${text}`).join("\n")] : []),
    ...(written.length > 0 ? [`wrote ${written.join(", ")}`] : []),
  ].join("\n\n");
}
