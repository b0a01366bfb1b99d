/** `fer inspect` of image folders: counts, twins, conflicts and bad pictures; with `to` also as a page. */
import { formatCount } from "@fer/core";
import { inspect, type InspectOptions, type InspectResult, writeFindings } from "@fer/dataset-extractors";
import type { CommandContext, CommandResult } from "../command.js";
import { table } from "../output/table.js";
import { countsTable } from "../render/dataset.js";

/** Exit code 1 where a picture is gone, cannot be decoded any more, or is another one than was extracted. */
export async function inspectImageFolders(
  folders: readonly string[],
  { to, hooks, ...options }: InspectOptions & { to: string | undefined } & Pick<CommandContext, "hooks">,
): Promise<CommandResult> {
  const result = await inspect(folders, { ...options, ...hooks });
  const written = to === undefined ? [] : await writeFindings(result, to);
  return {
    text: render(result, written),
    json: { ...result, written },
    exitCode: result.missing + result.undecodable + result.changed > 0 ? 1 : 0,
  };
}

function render(result: InspectResult, written: readonly string[]): string {
  const { counts, duplicates, conflicts, sharpness, warnings } = result;
  const twins = Object.entries(duplicates).map(([kind, { groups, files, acrossSplits, acrossFolders }]) => [
    `${kind} twins`,
    groups,
    files,
    acrossSplits,
    acrossFolders,
  ]);
  const labels = ["the same, two labels", conflicts, null, null, null];
  const findings = [
    ["black", result.black],
    ["a single tone", result.blank],
    ["nearly black", result.dark],
    ["blurred", result.blurred],
    ["not like a face", result.noFace],
    ["not decodable", result.undecodable],
    ["missing", result.missing],
    ["changed since they were extracted", result.changed],
  ];
  const medians = Object.entries(sharpness).map(([split, value]) => `${split} ${value}`);
  return [
    `${formatCount(result.images)} images in ${result.folders.map(({ folder }) => folder).join(", ")}`,
    countsTable(counts),
    table(["", "groups", "files", "across splits", "across folders"], [...twins, labels]),
    table(["", "images"], findings),
    `median sharpness: ${medians.join(", ")}`,
    ...named(result.lists),
    ...(warnings.length > 0 ? [warnings.map((text) => `! ${text}`).join("\n")] : []),
    ...(written.length > 0 ? [`wrote ${written.join(", ")}`] : []),
  ].join("\n\n");
}

/** Most pictures of a kind that are named. */
const MOST = 10;

/** The pictures that are not what was extracted. */
function named({ undecodable, missing, changed }: InspectResult["lists"]): string[] {
  const rows = [
    ...missing.map((file) => [file, "missing"]),
    ...undecodable.map((file) => [file, "not decodable"]),
    ...changed.map((file) => [file, "changed"]),
  ];
  if (rows.length === 0) return [];
  const more = rows.length > MOST ? [`and ${formatCount(rows.length - MOST)} more; --json lists all of them`] : [];
  return [table(["picture", ""], rows.slice(0, MOST)), ...more];
}
