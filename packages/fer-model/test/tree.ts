/** Contents of a folder tree, by path, for comparing runs byte by byte. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { createHash } from "node:crypto";

/** Files that may differ between equal runs (design.md). */
const EXEMPT = /(^|\/)report\.html$/;

/** sha256 of each file by its path. */
export async function tree(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const name = relative(folder, file).split(sep).join("/");
    if (!EXEMPT.test(name))
      found[name] = createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
  }
  return found;
}
