/** Keeps what is asked for inside the folder that is shown: no `..`, no link that leads out of it. */
import { HttpProblem } from "@fer/core/http";
import { lstat, readdir, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";

/** Files of an artifact that are looked at for links. */
const MOST_FILES = 20_000;

/**
 * The real path of something below `root`.
 *
 * @param path from `root`, with forward slashes
 * @throws HttpProblem 400 where it is no such path, 404 where nothing is there, 403 where a link leads out
 */
export async function insideOf(root: string, path: string): Promise<string> {
  refuseWayOut(path);
  const real = await realpath(join(root, path)).catch(() => null);
  if (real === null) throw new HttpProblem(404, { code: "NOT_FOUND", message: "There is no such file or folder" });
  if (!isBelow(root, real)) throw leadsOut(path);
  return real;
}

/** @throws HttpProblem 400 where it is absolute, or climbs */
export function refuseWayOut(path: string): void {
  const isPlain = !path.includes("\0") && !path.includes("\\") && !isAbsolute(path) && !path.split("/").includes("..");
  if (!isPlain) throw new HttpProblem(400, { code: "BAD_PATH", message: "The path must stay in the folder" });
}

/**
 * Looks for links below a real folder that lead out of `root`.
 *
 * @throws HttpProblem 403 for the first
 */
export async function refuseLinksOut(root: string, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.slice(0, MOST_FILES)) {
    if (!entry.isSymbolicLink()) continue;
    await refuseLinkOut(root, join(entry.parentPath, entry.name));
  }
}

/** @throws HttpProblem 403 where a file is a link that leads out of `root` */
export async function refuseLinkOut(root: string, file: string): Promise<void> {
  const found = await lstat(file).catch(() => null);
  if (found === null || !found.isSymbolicLink()) return;
  const real = await realpath(file).catch(() => null);
  if (real === null || !isBelow(root, real)) throw leadsOut(relative(root, file));
}

const isBelow = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);

const leadsOut = (path: string): HttpProblem =>
  new HttpProblem(403, { code: "LINK_OUT", message: `${path} is, or holds, a link that leads out of the folder` });
