/** What the rows of a set show, whatever its `<name>.json` says: counts, twins, conflicts and people in several parts. */
import { exactDuplicates, type FindingItem, labelConflicts, sharedGroups, type TaskHooks } from "@fer/core";
import { openSet, type Part } from "@fer/core/set";

/** What {@link inspectSet} finds. */
export interface SetFindings {
  images: number;
  /** Images by part and class. */
  counts: Record<string, Record<string, number>>;
  duplicates: {
    /** Groups of pixel-identical images, images in them, and those of them with a twin in an earlier part. */
    exact: { groups: number; files: number; acrossSplits: number };
    /** As the assembler counted them: a set holds no hashes for that. */
    near: { heldOut: number | null };
  };
  /** Groups of pixel-identical images with more than one label. */
  conflicts: number;
  /** Groups (people, clips) in more than one part. */
  sharedGroups: number;
}

/**
 * Looks through the rows of a set.
 *
 * @param path as for `openSet`: `features/mix`
 * @throws FormatError where a file of it is not as it was written.
 * @example
 * ```ts
 * import { inspectSet } from "@fer/split-assembler";
 *
 * const { images, duplicates, sharedGroups } = await inspectSet("features/ckplus");
 * console.log(images, duplicates.exact.acrossSplits, sharedGroups); // such as 327 0 0
 * ```
 */
export async function inspectSet(path: string, { signal }: Pick<TaskHooks, "signal"> = {}): Promise<SetFindings> {
  const set = await openSet(path, { verify: true, signal });
  try {
    const items: FindingItem[] = [];
    const groups: { group: string | null; parts: Part[] }[] = [];
    const counts: SetFindings["counts"] = {};
    // `full` repeats the other parts
    const parts = set.parts.length > 1 ? set.parts.filter((part) => part !== "full") : set.parts;
    for (const part of parts) {
      const reader = set.part(part);
      const labels = await reader.labels();
      const perClass: Record<string, number> = Object.fromEntries(reader.classes.map((name) => [name, 0]));
      counts[part] = perClass;
      let at = 0;
      for await (const { source, group, pixel_hash: pixelHash } of reader.rows()) {
        const expression = reader.classes[labels[at++]!]!;
        perClass[expression]! += 1;
        items.push({ file: source, folder: set.name, split: part, expression, pixelHash });
        groups.push({ group, parts: [part] });
      }
    }
    const { groups: twins, files, acrossSplits } = exactDuplicates(items);
    return {
      images: items.length,
      counts,
      duplicates: { exact: { groups: twins.length, files, acrossSplits }, near: { heldOut: set.info.leaks.near } },
      conflicts: labelConflicts(items).length,
      sharedGroups: sharedGroups(groups),
    };
  } finally {
    set.close();
  }
}
