/**
 * Owners ship archives. Zip, tar and tar.gz are unpacked once into a cache (`FER_CACHE`, else the user's cache folder),
 * archives within them too, and then read as folders. A process that is killed while it unpacks leaves nothing for
 * long: the next one that opens an archive removes it.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, FerError, FormatError, makeFolder, type TaskHooks } from "@fer/core";
import { build, canonicalJson, type Identity, takeLock } from "@fer/core/artifact";
import { Folder } from "../tree/folder.js";
import { unpack } from "./unpack.js";

const SUPPORTED = /\.(zip|tar|tgz|tar\.gz)$/i;
/** Archives within archives are opened down to this depth. */
const DEPTH = 3;
/** Content that is more times as large as the archive is a bomb: what datasets are made of shrinks little. */
const RATIO = 100;
/** Below this size nothing is a bomb: a table of zeros may shrink a thousandfold. */
const HARMLESS = 1 << 26;
/** File of a cached archive that says what it was made of. */
const COMPLETE = "complete";
/** A lock whose owner has not written to it for so long (milliseconds) is looked at more closely. */
const QUIET = 60_000;

/** Whether this name is that of an archive that can be opened here. */
export function isArchive(name: string): boolean {
  return SUPPORTED.test(name);
}

/**
 * The content of an archive as a folder: unpacked now, or found in the cache under the archive's path, size and time.
 *
 * @throws FormatError for an archive that is damaged, locked or hostile, and where the cache cannot be written.
 */
export async function openArchive(file: string, hooks: TaskHooks = {}): Promise<Folder> {
  const absolute = await realpath(file);
  const { size, mtimeMs } = await stat(absolute);
  const identity = { archive: absolute, size, time: mtimeMs, layout: 2 };
  const key = createHash("sha256").update(canonicalJson(identity)).digest("hex").slice(0, 16);
  const cache = path.join(cacheFolder(), "archives");
  const to = path.join(cache, `${nameOf(file)}-${key}`);
  try {
    await sweep(cache);
    const { signal } = hooks;
    const cached = { subject: "archive", to, description: COMPLETE, identity, overwrite: true, wait: true, signal };
    await build({ ...cached, read: readCached }, async ({ tree }) => {
      const content = path.join(tree, "content");
      await makeFolder(content);
      const budget = { left: Math.max(HARMLESS, size * RATIO), ratio: RATIO };
      await unpackAll({ file: absolute, to: content, budget, hooks }, 1);
      await writeFile(path.join(tree, COMPLETE), canonicalJson(identity));
    });
  } catch (error) {
    throw cacheProblem(error, file);
  }
  return Folder.open(path.join(to, "content"));
}

/** A folder in which the archives that can be opened appear as folders of their name. */
export async function withArchives(folder: Folder, hooks: TaskHooks = {}): Promise<Folder> {
  const parts: { at: string; folder: Folder; archive: string }[] = [];
  for (const archive of folder.archives.filter(isArchive)) {
    const content = await openArchive(folder.absolute(archive), hooks);
    parts.push({ at: archive.replace(SUPPORTED, ""), folder: content, archive });
  }
  return folder.mount(parts);
}

async function unpackAll(task: Parameters<typeof unpack>[0], depth: number): Promise<void> {
  await unpack(task);
  const { archives, files, folders } = await Folder.open(task.to);
  for (const inner of archives.filter(isArchive)) {
    const file = path.join(task.to, inner);
    if (depth === DEPTH) {
      throw new FormatError({
        code: "ARCHIVE_REFUSED",
        subject: path.basename(task.file),
        found: `archives in archives, more than ${DEPTH} deep`,
        expected: "an archive of plain files and folders",
        fix: "If you trust it, unpack it yourself and pass the folder",
      });
    }
    const place = inner.replace(SUPPORTED, "");
    if (folders.includes(place) || files.includes(place)) {
      throw new FormatError({
        code: "ARCHIVE_REFUSED",
        subject: path.basename(task.file),
        found: `it holds "${inner}" beside "${place}", which may be its content`,
        expected: "either of them",
        fix: `Unpack it yourself, keep one of the two, and pass the folder`,
      });
    }
    const to = path.join(task.to, place);
    await makeFolder(to);
    await unpackAll({ ...task, file, to }, depth + 1);
    await rm(file);
  }
}

async function readCached(folder: string): Promise<{ identity: Identity | null; problem?: string }> {
  try {
    return { identity: JSON.parse(await readFile(path.join(folder, COMPLETE), "utf8")) as Identity };
  } catch {
    return { identity: null, problem: "it is not complete" };
  }
}

/** Removes what killed processes have left in the cache. */
async function sweep(cache: string): Promise<void> {
  for (const name of await readdir(cache).catch(() => [] as string[])) {
    if (!name.startsWith(".") || !name.endsWith(".partial")) continue;
    const work = path.join(cache, name);
    if (Date.now() - (await lastBeat(work)) < QUIET) continue;
    try {
      const lock = await takeLock(work, { subject: "archive", target: work });
      for (const entry of await readdir(work)) {
        if (!/^\.?lock-/.test(entry)) await rm(path.join(work, entry), { recursive: true, force: true });
      }
      await lock.release();
    } catch {
      // somebody is at work there, or it is not ours: either way it is not in the way
    }
  }
}

/** When the owner of a work folder last wrote to its lock, in milliseconds since 1970. */
async function lastBeat(work: string): Promise<number> {
  let newest = 0;
  for (const name of await readdir(work).catch(() => [] as string[])) {
    const info = await stat(path.join(work, name)).catch(() => undefined);
    newest = Math.max(newest, info?.mtimeMs ?? 0);
  }
  return newest;
}

/** A cache that cannot be written is not the archive's fault. */
function cacheProblem(error: unknown, file: string): unknown {
  if (!(error instanceof FerError) || !["NO_SPACE", "CANNOT_WRITE"].includes(error.code)) return error;
  const { code, path: place } = error.context as { code: string; path?: string };
  const isFull = error.code === "NO_SPACE";
  return new FormatError({
    code: error.code,
    subject: path.basename(file),
    found: `it is unpacked into the cache "${cacheFolder()}", ${isFull ? "and its disk is full" : "which cannot be written"} (${code})`,
    expected: isFull ? "room for its content" : "a folder that can be written",
    fix: "Set FER_CACHE to another folder, or unpack it yourself and pass the folder; the archive itself is not the problem",
    context: { code, path: place },
    cause: error,
  });
}

/** Base name without the archive's extension. */
function nameOf(file: string): string {
  return path.basename(file).replace(SUPPORTED, "");
}
