/**
 * The output folder and the folder beside it in which an extraction is built (`.<name>.partial`). The output appears
 * by a rename when it is complete; what a crash leaves behind is either resumed or thrown away, never taken for an artifact.
 */
import { readFileSync } from "node:fs";
import { readFile, readdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatasetError, FormatError, OptionsError, makeFolder } from "@fer/core";
import { DatasetInfo } from "@fer/core/image-folder";

/** Files and folders of an extraction under way. */
export interface Workplace {
  dir: string;
  /** Becomes the output. */
  tree: string;
  journal: string;
  scratch: string;
}

/** Real path of a folder that may not exist yet: the nearest existing parent is resolved. */
async function resolved(file: string): Promise<string> {
  const absolute = path.resolve(file);
  try {
    return await realpath(absolute);
  } catch {
    const parent = path.dirname(absolute);
    return parent === absolute ? absolute : path.join(await resolved(parent), path.basename(absolute));
  }
}

/** Refuses an output within the source and the other way round. */
export async function checkPlaces(from: string, to: string): Promise<void> {
  const [source, target] = [await resolved(from), await resolved(to)];
  const within = (inner: string, outer: string) => inner === outer || inner.startsWith(outer + path.sep);
  const found = within(target, source)
    ? `--to "${to}" lies inside --from "${from}"`
    : within(source, target)
      ? `--from "${from}" lies inside --to "${to}"`
      : undefined;
  if (found === undefined) return;
  throw new OptionsError({
    code: "NESTED_FOLDERS",
    subject: "extract",
    found,
    expected: "two separate folders",
    fix: "Choose another --to",
  });
}

/** The image folder at `to`, `undefined` where there is nothing; anything else in the way is refused. */
export async function existingOutput(to: string): Promise<{ info: DatasetInfo; time: number } | undefined> {
  const names = await readdir(to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new OptionsError({
      code: "BAD_TARGET",
      subject: "extract",
      found: `--to "${to}" is no folder (${error.code})`,
      expected: "a new or empty folder",
      cause: error,
    });
  });
  if (names.length === 0) return undefined;
  const file = path.join(to, "dataset.json");
  try {
    const info = DatasetInfo.parse(JSON.parse(await readFile(file, "utf8")));
    return { info, time: (await stat(file)).mtimeMs };
  } catch (cause) {
    throw new DatasetError({
      code: "TARGET_NOT_EMPTY",
      subject: "extract",
      found: `--to "${to}" holds ${names.length} files or folders (first "${names.sort()[0]}") and no dataset.json of ours`,
      expected: "a new or empty folder, or an earlier output of the same extraction",
      fix: "Choose another --to; nothing was changed",
      cause,
    });
  }
}

/** Whether an image folder still holds as many pictures as its `dataset.json` says. */
export async function isComplete(to: string, info: DatasetInfo): Promise<boolean> {
  for (const [split, classes] of Object.entries(info.counts)) {
    const entries = await readdir(path.join(to, split)).catch(() => [] as string[]);
    if (!entries.includes("metadata.jsonl")) return false;
    for (const [expression, n] of Object.entries(classes)) {
      const files = await readdir(path.join(to, split, expression)).catch(() => [] as string[]);
      if (files.length !== n) return false;
    }
  }
  return (await readdir(to)).includes("skipped.jsonl");
}

/**
 * Opens the folder beside `to`. Work of the same plan (same source, options and tool) is kept, anything else removed,
 * also where the source has changed since (`lastChange` is asked only if there is something to keep).
 *
 * @throws OptionsError when another process is building the same output.
 */
export async function openWorkplace(to: string, plan: object, lastChange: () => Promise<number>): Promise<Workplace> {
  const dir = path.join(path.dirname(path.resolve(to)), `.${path.basename(path.resolve(to))}.partial`);
  const place = {
    dir,
    tree: path.join(dir, "tree"),
    journal: path.join(dir, "journal.jsonl"),
    scratch: path.join(dir, "runs"),
  };
  const planFile = path.join(dir, "plan.json");
  const lock = path.join(dir, "pid");
  const text = JSON.stringify(plan);
  const [owner = 0, born] = (await readFile(lock, "utf8").catch(() => "0")).split(" ").map(Number);
  if (owner > 0 && owner !== process.pid && isAlive(owner, born)) {
    throw new OptionsError({
      code: "BUSY",
      subject: "extract",
      found: `process ${owner} is building "${to}" at this moment`,
      expected: "one extraction a folder",
      fix: `Wait for it, or remove "${lock}" if that process is something else`,
    });
  }
  const before = await readFile(planFile, "utf8").catch(() => undefined);
  const kept = before === text && (await lastChange()) < (await stat(planFile)).mtimeMs;
  if (!kept) {
    await rm(dir, { recursive: true, force: true });
    await makeFolder(place.tree);
    await writeFile(planFile, text);
  }
  await makeFolder(place.tree);
  await writeFile(lock, `${process.pid} ${birthOf(process.pid) ?? ""}`.trim());
  return place;
}

/** Leaves the work where it is for a restart, but no longer claims it. */
export async function leaveWorkplace({ dir }: Workplace): Promise<void> {
  await rm(path.join(dir, "pid"), { force: true });
}

/** Puts the finished tree in place of `to`, and removes what is left of the work. */
export async function publish({ dir, tree }: Workplace, to: string): Promise<void> {
  const old = path.join(dir, "old");
  await rm(old, { recursive: true, force: true });
  await rename(to, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(tree, to);
  await rm(dir, { recursive: true, force: true });
}

/** Turns a system error while writing into one that says what to do; passes others through. */
export function writeError(error: unknown, to: string): unknown {
  if (!(error instanceof Error)) return error;
  // errors of a worker thread arrive without `code`
  const code = /^(ENOSPC|EDQUOT|EROFS|EACCES|EPERM|ENOTDIR|ENAMETOOLONG)\b/.exec(error.message)?.[1];
  if (code === undefined) return error;
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new FormatError({
    code: full ? "NO_SPACE" : "TARGET_NOT_WRITABLE",
    subject: "extract",
    found: `"${to}" cannot be written (${code})`,
    expected: full ? "free space on that disk" : "a folder that can be written",
    fix: full
      ? "Free some space and run the same command again: finished images are kept"
      : "Choose another --to, or change its permissions",
    cause: error,
  });
}

/** Whether a process still runs; one that was born at another time only has the same number. */
function isAlive(pid: number, born: number | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return born === undefined || (birthOf(pid) ?? born) === born;
}

/** Start of a process in clock ticks since the machine started (Linux, proc(5), field 22). */
function birthOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return Number(fields[19]);
  } catch {
    return undefined;
  }
}
