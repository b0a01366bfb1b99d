/** What `fer inspect` says about a set. */
import type { SetInfo } from "@fer/core/set";
import { renderSet } from "./set.js";
import { table } from "../output/table.js";

/** What the rows of a set show, whatever its `<name>.json` says. */
export interface SetFindings {
  images: number;
  /** Images by part and class. */
  counts: Record<string, Record<string, number>>;
  duplicates: {
    exact: { groups: number; files: number; acrossSplits: number };
    /** As the assembler counted them: a set holds no hashes for that. */
    near: { heldOut: number | null };
  };
  /** Groups of pixel-identical images with more than one label. */
  conflicts: number;
  /** Groups (people, clips) in more than one part. */
  sharedGroups: number;
}

/** The set as it describes itself, then what its rows show. */
export function renderSetFindings(info: SetInfo, found: SetFindings, folder: string): string {
  const { exact } = found.duplicates;
  const leaking = exact.acrossSplits > 0 || found.sharedGroups > 0;
  return [
    renderSet(info, folder),
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
    leaking
      ? "! the parts are not apart: scores on val and test are too good. Split by subject or group, or drop the twins."
      : "nothing stands on both sides of the split",
  ].join("\n");
}
