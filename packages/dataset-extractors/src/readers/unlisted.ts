import type { SkippedInput } from "../adapter.js";
import type { Folder } from "../tree/folder.js";

/**
 * A skip for every image below `dir` that no annotation row named, in order. `seen` holds the relative paths that were.
 */
export function* unlistedImages(folder: Folder, dir: string, seen: ReadonlySet<string>): Generator<SkippedInput> {
  for (const file of folder.images(dir)) {
    if (seen.has(file)) continue;
    yield { source: file, reason: "unlabelled", detail: "present, but no row names it", listed: false };
  }
}
