/** Makes folders, where file systems without folders of one's own (`/proc`) are no reason never to return. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it; one that exists is fine. Not `mkdir` with `recursive`, which tries for ever where
 * the folder above is there and says `ENOENT` (Node 20 to 24 on Linux).
 *
 * @throws the system's error, `EACCES` where the file system has no room for folders.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await isFolder(folder))) return;
    if (code !== "ENOENT") throw error;
    const above = dirname(folder);
    if (await isFolder(above)) {
      const refused = new Error(`EACCES: no folder can be made in "${above}"`, { cause: error });
      throw Object.assign(refused, { code: "EACCES", path: folder });
    }
    await makeFolder(above);
    await makeFolder(folder);
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
