/** Work that is under way, or was interrupted, for those who look on: nothing is locked, taken over or changed. */
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Identity } from "./identity.js";
import { isHeld } from "./lock.js";
import { workIn } from "./target.js";

/** An artifact that is being made. */
export interface Unfinished {
  /** Name of the artifact in the folder that its work folder lies in. */
  name: string;
  /** What becomes the artifact; files may be missing in it, none is half. */
  tree: string;
  /** What is being made; `null` where that was not written down yet. */
  identity: Identity | null;
  /** Whether a process is at work on it; else it was interrupted. */
  isAtWork: boolean;
}

/** Whether the name of a folder is that of work. */
export const isWorkFolder = (path: string): boolean => /^\..+\.partial$/.test(basename(path));

/**
 * What is in a work folder; `null` where there is none, or nothing in it yet.
 *
 * @param work such as `runs/.first.partial`, while `runs/first` is made
 */
export async function unfinishedIn(work: string): Promise<Unfinished | null> {
  const [root] = (await Promise.all((await workIn(work)).map(async (path) => ({ path, at: await changedAt(path) }))))
    .sort((a, b) => b.at - a.at)
    .map(({ path }) => path);
  if (root === undefined) return null;
  const text = await readFile(join(root, "identity.json"), "utf8").catch(() => null);
  return {
    name: nameOf(work),
    tree: join(root, "tree"),
    identity: text === null ? null : (JSON.parse(text) as Identity),
    isAtWork: await isHeld(work),
  };
}

/** A work folder that lies in its target is called after that. */
function nameOf(work: string): string {
  const name = basename(work).slice(1, -".partial".length);
  return basename(dirname(work)) === name ? "" : name;
}

const changedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
