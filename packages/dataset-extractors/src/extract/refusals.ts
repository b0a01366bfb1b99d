/** What `extract` refuses, in words. */
import { DatasetError, FerError } from "@fer/core";
import type { DatasetInfo } from "@fer/core/image-folder";

export function duplicateId(adapter: string, split: string, id: string): DatasetError {
  return new DatasetError({
    code: "DUPLICATE_ID",
    subject: adapter,
    found: `two items of split "${split}" have the id "${id}" (file systems may ignore case)`,
    expected: "ids that differ",
    fix: "Remove or rename one of them",
    context: { split, id },
  });
}

export function aborted(to: string): FerError {
  return new FerError({
    code: "ABORTED",
    subject: "extract",
    found: `stopped before "${to}" was complete`,
    fix: "Run the same command again to go on: finished images are kept",
  });
}

export function otherDataset(to: string, found: string, wanted: string): DatasetError {
  return new DatasetError({
    code: "TARGET_OF_ANOTHER_DATASET",
    subject: "extract",
    found: `--to "${to}" holds an extraction of "${found}"`,
    expected: `a new or empty folder, or one of "${wanted}"`,
    fix: "Choose another --to; nothing was changed",
  });
}

export function otherOptions(to: string, info: DatasetInfo, wanted: Record<string, unknown>): DatasetError {
  const changed = Object.entries(wanted)
    .filter(([key, value]) => !isSame(info[key as keyof DatasetInfo], value))
    .map(
      ([key, value]) => `${key} ${JSON.stringify(info[key as keyof DatasetInfo])} instead of ${JSON.stringify(value)}`,
    );
  return new DatasetError({
    code: "OTHER_OPTIONS",
    subject: "extract",
    found: `--to "${to}" was extracted with other options: ${changed.join("; ")}`,
    expected: "the same options",
    fix: "Choose another --to, or pass --overwrite to replace it",
  });
}

/** Whether two values have the same JSON. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
