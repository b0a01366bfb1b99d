import { type InspectOptions, inspect, writeFindings } from "@fer/dataset-extractors";
import type { CommandContext, CommandResult } from "../command.js";
import { renderFindings } from "../render/findings.js";

/** Twins, conflicts and bad pictures of image folders; with `to` also as a page. */
export async function inspectImageFolders(
  folders: readonly string[],
  options: InspectOptions,
  { hooks, to }: { hooks: CommandContext["hooks"]; to: string | undefined },
): Promise<CommandResult> {
  const result = await inspect(folders, options, hooks);
  const written = to === undefined ? [] : await writeFindings(result, to);
  return { text: renderFindings(result, written), json: { ...result, written } };
}
