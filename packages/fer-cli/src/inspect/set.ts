/** `fer inspect` of a set: how it describes itself, and what its rows show about twins, conflicts and shared groups. */
import { openSet } from "@fer/core/set";
import { inspectSet as findingsOf } from "@fer/split-assembler";
import type { CommandContext, CommandResult } from "../command.js";
import { table } from "../output/table.js";
import { renderSet } from "../render/set.js";

/** Every file is compared with what was written first. */
export async function inspectSet(path: string, { signal }: CommandContext["hooks"]): Promise<CommandResult> {
  const found = await findingsOf(path, { signal });
  const set = await openSet(path);
  set.close();
  const { exact } = found.duplicates;
  const text = [
    renderSet(set.info, set.folder),
    "",
    "by the rows of the set:",
    table(
      ["", "groups", "images", "across parts"],
      [
        ["identical images", exact.groups, exact.files, exact.acrossSplits],
        ["identical images with two labels", found.conflicts, null, null],
        ["people or groups in several parts", null, null, found.sharedGroups],
      ],
    ),
    exact.acrossSplits > 0 || found.sharedGroups > 0
      ? "! the parts are not apart: scores on val and test are too good. Split by subject or group, or drop the twins."
      : "nothing stands on both sides of the split",
  ];
  return { text: text.join("\n"), json: { ...set.info, ...found } };
}
