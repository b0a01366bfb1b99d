/**
 * One maker at a time, between processes, containers and hosts that share a volume (NFS too).
 *
 * A lock is a file `lock-<generation>` in a folder; who made the highest generation holds it. The file appears by a
 * hard link, whole and once. Its first line counts the owner's heartbeats. Where the owner can be asked for (same
 * machine, same pid namespace) its process decides whether it is dead; elsewhere a counter that stands still does. Who
 * finds a dead owner makes the next generation, which only one can; an owner that was only asleep finds that
 * generation when it wakes, and publishes nothing.
 */
import { randomInt, randomUUID } from "node:crypto";
import { type FileHandle, link, open, readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FerError, FormatError } from "../errors.js";
import { makeFolder } from "../files/make-folder.js";
import { isGone, type Owner, thisOwner } from "./owner.js";

/** Milliseconds between heartbeats. */
const BEAT = 2_000;
/** A counter that stands still for so long (milliseconds) belongs to a dead owner. */
const PATIENCE = 20_000;
/** Milliseconds between two looks at a counter or a lock that is waited for. */
const LOOK = 250;

/** A lock that is held. */
export interface Lock {
  /** Different for every lock ever taken. */
  token: string;
  /** @throws FerError `LOCK_LOST` where another process has taken it over, since this one did not run for a while. */
  assertHeld(): Promise<void>;
  /** Gives it back, and removes its folder if nothing else is in it. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** What the messages call the work, e.g. `train`. */
  subject: string;
  /** What is locked, for messages. */
  target: string;
  /** Wait for the present owner instead of refusing. */
  wait?: boolean;
  /** Called once with who is waited for. */
  onWait?: (owner: Owner) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Takes the lock of a folder, which is made where it is missing.
 *
 * @throws FormatError `BUSY` where another process holds it and `wait` is not set.
 */
export async function takeLock(folder: string, options: LockOptions): Promise<Lock> {
  const owner = thisOwner();
  for (;;) {
    options.signal?.throwIfAborted();
    await makeFolder(folder);
    const generations = await generationsIn(folder);
    const last = generations.at(-1) ?? 0;
    if (last > 0) {
      const holder = await livingHolder(join(folder, nameOf(last)), options);
      if (holder === "released") continue;
      if (holder !== "dead") {
        if (options.wait !== true) throw busy(holder, options);
        options.onWait?.(holder);
        options = { ...options, onWait: () => {} };
        await pause(LOOK, options.signal);
        continue;
      }
    }
    const mine = await create(join(folder, nameOf(last + 1)), owner);
    if (mine === null) continue;
    // somebody may have looked into the folder at another moment, and counted from another generation
    const others = (await generationsIn(folder)).filter((each) => each !== last + 1 && !generations.includes(each));
    if (others.length > 0) {
      await mine.close();
      await rm(join(folder, nameOf(last + 1)), { force: true });
      await pause(randomInt(LOOK), options.signal);
      continue;
    }
    // what dead owners left
    for (const generation of generations) await rm(join(folder, nameOf(generation)), { force: true });
    return held({ ...options, folder, generation: last + 1, file: mine, owner });
  }
}

/** Whether somebody holds the lock of a folder, as far as can be told without waiting; it is not taken. */
export async function isHeld(folder: string): Promise<boolean> {
  const last = (await generationsIn(folder)).at(-1);
  if (last === undefined) return false;
  const path = join(folder, nameOf(last));
  const found = await readLock(path);
  if (found === null) return false;
  const gone = found.owner === null ? undefined : isGone(found.owner);
  if (gone !== undefined) return !gone;
  // Every beat is written into it.
  const beaten = await stat(path).catch(() => null);
  return beaten !== null && Date.now() - beaten.mtimeMs < PATIENCE;
}

/** Waits, unless the signal says to stop. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
  signal?.throwIfAborted();
}

const nameOf = (generation: number): string => `lock-${generation}`;

async function generationsIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names
    .flatMap((name) => (/^lock-\d+$/.test(name) ? [Number(name.slice("lock-".length))] : []))
    .sort((a, b) => a - b);
}

/** Makes the lock file, complete with its content; `null` where another process was faster or the folder has gone. */
async function create(path: string, owner: Owner): Promise<FileHandle | null> {
  const content = `${beatText(0)}\n${JSON.stringify(owner)}\n`;
  const draft = join(dirname(path), `.${basename(path)}-${randomUUID()}`);
  let file: FileHandle | null = null;
  try {
    file = await open(draft, "w+");
    await file.writeFile(content);
    await link(draft, path);
    return file;
  } catch (error) {
    await file?.close();
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOENT") return null;
    // file systems without hard links
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
    return createExclusively(path, content);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

async function createExclusively(path: string, content: string): Promise<FileHandle | null> {
  try {
    const file = await open(path, "wx+");
    await file.writeFile(content);
    return file;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOENT") return null;
    throw error;
  }
}

/** Fixed width, so that a beat overwrites the last one in place. */
const beatText = (beat: number): string => String(beat).padStart(12, "0");

async function readLock(path: string): Promise<{ beat: string; owner: Owner | null } | null> {
  try {
    // opened anew each time: NFS looks at the server again only then
    const [beat = "", json = ""] = (await readFile(path, "utf8")).split("\n");
    return { beat, owner: json === "" ? null : (JSON.parse(json) as Owner) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    return { beat: "", owner: null };
  }
}

/** Who holds a lock file; watches its counter where nothing else tells. */
async function livingHolder(path: string, { signal }: LockOptions): Promise<Owner | "dead" | "released"> {
  const first = await readLock(path);
  if (first === null) return "released";
  const gone = first.owner === null ? undefined : isGone(first.owner);
  if (gone === true) return "dead";
  if (gone === false) return first.owner!;
  const start = performance.now();
  while (performance.now() - start < PATIENCE) {
    await pause(LOOK, signal);
    const now = await readLock(path);
    if (now === null) return "released";
    if (now.beat !== first.beat) return now.owner ?? first.owner ?? UNKNOWN;
  }
  return "dead";
}

/** A lock without a readable content that beats all the same. */
const UNKNOWN: Owner = { token: "", host: "an unknown host", space: "", pid: 0, born: null, since: "an unknown time" };

interface HeldLock extends LockOptions {
  folder: string;
  generation: number;
  file: FileHandle;
  owner: Owner;
}

function held({ folder, generation, file, owner, subject, target }: HeldLock): Lock {
  const path = join(folder, nameOf(generation));
  let beat = 0;
  let released = false;
  const timer = setInterval(() => void file.write(beatText(++beat), 0).catch(() => {}), BEAT);
  timer.unref();
  return {
    token: owner.token,
    async assertHeld() {
      const last = (await generationsIn(folder)).at(-1);
      const now = await readLock(path);
      if (last === generation && now?.owner?.token === owner.token) return;
      throw new FerError({
        code: "LOCK_LOST",
        subject,
        found: `another process has taken "${target}" over, since this one did not run for more than ${PATIENCE / 1000} seconds`,
        expected: "one process that goes on without long pauses",
        fix: "Leave it to the other process; nothing was published by this one",
      });
    },
    async release() {
      if (released) return;
      released = true;
      clearInterval(timer);
      await file.close().catch(() => {});
      const now = await readLock(path);
      if (now?.owner?.token === owner.token) await rm(path, { force: true });
      const drafts = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(".lock-"));
      for (const draft of drafts) await rm(join(folder, draft), { force: true });
      // stays where anything else is left in it
      await rmdir(folder).catch(() => {});
    },
  };
}

function busy({ pid, host, since }: Owner, { subject, target }: LockOptions): FormatError {
  return new FormatError({
    code: "BUSY",
    subject,
    found: `process ${pid} on ${host} is at work on "${target}" (since ${since})`,
    expected: "one process at a time",
    fix: "Wait for it, or choose another --to",
    context: { pid, host, since },
  });
}
