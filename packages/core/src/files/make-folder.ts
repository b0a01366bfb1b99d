/** Makes folders, and returns also where a file system lets nobody make any (`/proc`). */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it; one that exists is fine. Not `mkdir` with `recursive`, which tries for ever where
 * the folder above is there and says `ENOENT` (Node 20 to 24 on Linux).
 *
 * @throws the system's error, `EACCES` where the file system has no room for folders.
 */
export async function makeFolder(folder: string): Promise<void> {
  const first = await tryMaking(folder);
  if (first === null) return;
  const above = dirname(folder);
  if (!(await isFolder(above))) await makeFolder(above);
  // another process may have made the one above in the meantime
  const second = await tryMaking(folder);
  if (second === null) return;
  const refused = new Error(`EACCES: no folder can be made in "${above}"`, { cause: second });
  throw Object.assign(refused, { code: "EACCES", path: folder });
}

/** `null` where the folder is there now; the error where the one above is missing. */
async function tryMaking(folder: string, tries = 10): Promise<NodeJS.ErrnoException | null> {
  try {
    await mkdir(folder);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") {
      const found = await stat(folder).catch(() => null);
      if (found?.isDirectory()) return null;
      // another process has removed it since
      if (found === null && tries > 0) return tryMaking(folder, tries - 1);
    }
    if (code !== "ENOENT") throw error;
    return error as NodeJS.ErrnoException;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
