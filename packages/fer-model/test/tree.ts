/** Contents of a folder tree, by path, for comparing runs byte by byte. */
import { MANIFEST } from "@fer/core/artifact";
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
    if (EXEMPT.test(name)) continue;
    const bytes = await readFile(file);
    found[name] = createHash("sha256")
      .update(entry.name === MANIFEST ? withoutExempt(bytes.toString()) : bytes)
      .digest("hex");
  }
  return found;
}

/** A manifest without the hashes of files that may differ, and without its seal, which is over them too. */
function withoutExempt(text: string): string {
  const { seal: _, files, ...rest } = JSON.parse(text) as { seal: string; files: Record<string, unknown> };
  return JSON.stringify({ ...rest, files: Object.entries(files).filter(([file]) => !EXEMPT.test(file)) });
}
