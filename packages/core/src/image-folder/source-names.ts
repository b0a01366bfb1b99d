/**
 * Names of image folders in the sources of a set: `<adapter>`, and `<adapter>-2` for a second folder of one adapter.
 * They do not depend on the order in which the folders are given.
 */
import { byCodeUnit } from "../order.js";
import type { DatasetInfo } from "./schema.js";

/**
 * A name for each folder, in the order of the folders.
 *
 * @example
 * ```ts
 * import { sourceNames } from "@fer/core/image-folder";
 *
 * const folder = { adapter: "folders", form: "class-folders" };
 * console.log(sourceNames([{ ...folder, fingerprint: "b" }, { ...folder, fingerprint: "a" }])); // [ 'folders-2', 'folders' ]
 * ```
 */
export function sourceNames(folders: readonly Pick<DatasetInfo, "adapter" | "form" | "fingerprint">[]): string[] {
  const keys = folders.map(({ adapter, form, fingerprint }) => [adapter, form, fingerprint].join("\0"));
  const names: string[] = [];
  const uses = new Map<string, number>();
  for (const i of [...keys.keys()].sort((a, b) => byCodeUnit(keys[a]!, keys[b]!) || a - b)) {
    const { adapter } = folders[i]!;
    const use = (uses.get(adapter) ?? 0) + 1;
    uses.set(adapter, use);
    names[i] = use === 1 ? adapter : `${adapter}-${use}`;
  }
  return names;
}
