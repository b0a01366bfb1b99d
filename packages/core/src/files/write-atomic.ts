/** Files that are either whole or not there: written under a temporary name beside their place, then renamed. */
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FormatError, systemRefusal } from "../errors.js";
import { makeFolder } from "./make-folder.js";

/**
 * Writes a file in one step, with the folders above it; an older one of that name is replaced.
 *
 * @throws {@link FormatError} when the target is read-only or full; nothing is left behind then.
 */
export async function writeAtomic(path: string, contents: string | Uint8Array): Promise<void> {
  // One name, so that a repeated run replaces what a killed one left behind.
  const temporary = `${path}.tmp`;
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, "w");
    try {
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    const refusal = systemRefusal(cause);
    const why = refusal === null ? ` (${String(cause)})` : `: ${refusal.problem} (${refusal.code})`;
    throw new FormatError({
      code: "CANNOT_WRITE",
      subject: path,
      found: `it cannot be written${why}`,
      expected: "a folder that can be written and has space left",
      cause,
    });
  }
}
