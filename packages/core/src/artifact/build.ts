/**
 * The life of every artifact of @fer, whoever makes it: kept where it is there already, refused where it is another
 * one, locked while it is made, gone on with after an interruption, and published by renames once it is whole.
 */
import { readFile, rm, rmdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { FerError, FormatError } from "../errors.js";
import { makeFolder } from "../files/make-folder.js";
import { explainWriteError } from "../files/write-errors.js";
import { writeAtomic } from "../files/write-atomic.js";
import { canonicalJson, describeDifferences, type Difference, differences, type Identity } from "./identity.js";
import { takeLock } from "./lock.js";
import type { Owner } from "./owner.js";
import {
  entriesOf,
  finishPublication,
  hasWork,
  publish,
  takeWork,
  type Target,
  targetOf,
  type Work,
} from "./target.js";

/** An artifact that is there. */
export interface Existing {
  /** What decided its bytes; `null` where it does not say, or where it cannot be kept. */
  identity: Identity | null;
  /** Why it cannot be kept, e.g. "it was made by an earlier version", "picture a.png is missing". */
  problem?: string;
}

export interface BuildOptions {
  /** Who builds, for messages: `extract`, `train`. */
  subject: string;
  /** Where to: a folder, or with `name` the common folder. */
  to: string;
  /** What the files begin with, where several artifacts share a folder. */
  name?: string;
  /** The file that appears last, and without which there is no artifact. */
  description: string;
  /** Whatever decides the bytes. */
  identity: Identity;
  /**
   * Reads an artifact at the target.
   *
   * @returns `null` where the files there are not such an artifact, or not a whole one.
   */
  read(folder: string): Promise<Existing | null>;
  /** Whether one of the same identity need not be made again (its inputs have not changed, it is whole). Default: yes. */
  isCurrent?(folder: string): Promise<boolean>;
  /** Whether the artifact, or unfinished work, may be made again without `overwrite` although it differs so. */
  isOutdated?(differences: readonly Difference[]): boolean;
  /** Unfinished work is gone on with; without it each call starts from nothing. */
  resume?: boolean;
  /** Whether unfinished work of the same identity, begun at this time (ms since 1970), is still of use. Default: yes. */
  isUsable?(begun: number): Promise<boolean>;
  /** Whether unfinished work is still of use after this error. Default: with `resume`, yes. */
  keepsAfter?(error: unknown): boolean;
  /** Replaces another artifact, discards other unfinished work. */
  overwrite?: boolean;
  /** Waits where another process is at work, instead of refusing. */
  wait?: boolean;
  /** Called once with who is waited for. */
  onWait?: (owner: Owner) => void;
  signal?: AbortSignal | undefined;
}

/** Where the work is done. */
export interface Workplace {
  /** Becomes the artifact. */
  tree: string;
  /** Kept for a restart, never published. */
  scratch: string;
  /** Earlier work of the same identity is in both. */
  resumed: boolean;
  /** @throws FerError `LOCK_LOST` where another process has taken over. Called before the artifact is published. */
  assertHeld(): Promise<void>;
}

/** What became of it. */
export type Built<T> = { status: "kept"; folder: string } | { status: "made" | "resumed"; folder: string; value: T };

/**
 * Builds an artifact, or finds it built.
 *
 * @param work Writes the artifact into `place.tree`. Where it throws, what it has written is kept if `resume` is set.
 * @throws FormatError `BUSY`, `OTHER_OPTIONS`, `OTHER_UNFINISHED`, `CANNOT_KEEP`, `TARGET_NOT_EMPTY`, and where nothing can be
 * written; whatever `work` throws.
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { build } from "@fer/core/artifact";
 *
 * const to = join(await mkdtemp(join(tmpdir(), "fer-")), "answer");
 * const options = {
 *   subject: "example", to, description: "answer.json", identity: { question: 6 * 7 },
 *   read: async () => ({ identity: { question: 42 } }),
 * };
 * const write = ({ tree }: { tree: string }) => writeFile(join(tree, "answer.json"), "42");
 * console.log((await build(options, write)).status); // made
 * console.log((await build(options, write)).status); // kept
 * ```
 */
export async function build<T>(options: BuildOptions, work: (place: Workplace) => Promise<T>): Promise<Built<T>> {
  const target = await targetOf(options.to, options.name ?? null);
  const { folder } = target;
  try {
    // What is there needs no lock to be looked at.
    if (!(await hasWork(target)) && (await isKept(target, options))) return { status: "kept", folder };
    const lock = await takeLock(target.work, { target: nameOf(options), ...options });
    let keep = true;
    let parts: Work | undefined;
    try {
      parts = await takeWork(target, lock.token);
      if (await finishPublication(target, parts)) await discard(parts);
      // unfinished work of other options may lie beside what is kept
      if (await isKept(target, options)) return { status: "kept", folder };
      const resumed = await prepare(parts, options);
      const { tree, scratch } = parts;
      const place = { tree, scratch, resumed, assertHeld: () => lock.assertHeld() };
      const value = await work(place).catch(async (error: unknown) => {
        keep = options.keepsAfter?.(error) ?? options.resume === true;
        // whatever went wrong in files that another process has taken away
        await lock.assertHeld();
        throw error;
      });
      await lock.assertHeld();
      await refuseIntruder(target, options);
      await publish({ target, work: parts, description: options.description });
      keep = false;
      return { status: resumed ? "resumed" : "made", folder, value };
    } finally {
      if (parts !== undefined) await (keep ? rmdirIfEmpty(parts.root) : discard(parts));
      await lock.release();
    }
  } catch (error) {
    const folders = [target.folder, target.work];
    throw explainWriteError(error, { subject: options.subject, target: nameOf(options), folders });
  }
}

/** Whether the artifact is there. @throws FormatError where something else is. */
async function isKept(target: Target, options: BuildOptions): Promise<boolean> {
  const { identity, overwrite = false } = options;
  const entries = await entriesOf(target);
  if (entries.length === 0) return false;
  const existing = await options.read(target.folder);
  if (existing === null) {
    if (target.name !== null && overwrite) return false;
    throw new FormatError({
      code: "TARGET_NOT_EMPTY",
      subject: options.subject,
      found: `"${nameOf(options)}" holds ${entries.length === 1 ? `"${entries[0]}"` : `${entries.length} entries (first "${entries[0]}")`} and not what ${options.subject} writes`,
      expected: "a new or empty folder, or an earlier output",
      fix: "Choose another --to; nothing was changed",
    });
  }
  const found = existing.identity === null ? null : differences(existing.identity, identity);
  const isSame = found !== null && found.length === 0;
  if (isSame && existing.problem === undefined) return options.isCurrent?.(target.folder) ?? true;
  if (overwrite || (found !== null && options.isOutdated?.(found) === true)) return false;
  if (existing.problem !== undefined || found === null) {
    throw new FormatError({
      code: "CANNOT_KEEP",
      subject: options.subject,
      found: `"${nameOf(options)}" cannot be kept: ${existing.problem ?? "it does not say what it was made of"}`,
      expected: "a whole output of this version, or a new target",
      fix: "Choose another --to, or pass --overwrite (overwrite: true) to make it again; nothing was changed",
    });
  }
  throw new FormatError({
    code: "OTHER_OPTIONS",
    subject: options.subject,
    found: `"${nameOf(options)}" was made otherwise: ${describeDifferences(found)}`,
    expected: "the same options and data",
    fix: "Choose another --to, or pass --overwrite (overwrite: true) to replace it; nothing was changed",
    context: { differences: found },
  });
}

/** Makes the work folder ready; `true` where earlier work is gone on with. */
async function prepare(parts: Work, options: BuildOptions): Promise<boolean> {
  const text = await readFile(parts.identity, "utf8").catch(() => null);
  const found = text === null ? null : unfinishedDifferences(text, options.identity);
  const isSame = options.resume === true && found !== null && found.length === 0;
  const resumed = isSame && ((await options.isUsable?.((await stat(parts.identity)).mtimeMs)) ?? true);
  const isForeign = found !== null && found.length > 0 && options.resume === true;
  if (isForeign && options.overwrite !== true && options.isOutdated?.(found) !== true) {
    throw new FormatError({
      code: "OTHER_UNFINISHED",
      subject: options.subject,
      found: `"${dirname(parts.root)}" holds unfinished work of other options: ${describeDifferences(found)}`,
      expected: "the same options, which go on with it",
      fix: "Pass the same options, choose another --to, or pass --overwrite (overwrite: true) to discard that work",
      context: { differences: found },
    });
  }
  if (!resumed) await discard(parts);
  await makeFolder(parts.tree);
  await makeFolder(parts.scratch);
  if (!resumed) await writeAtomic(parts.identity, `${canonicalJson(options.identity)}\n`);
  return resumed;
}

function unfinishedDifferences(text: string, identity: Identity): Difference[] {
  try {
    return differences(JSON.parse(text), identity);
  } catch {
    return [{ key: "identity", found: "unreadable", wanted: "of these options" }];
  }
}

/** While the work was done somebody may have put something into the target. */
async function refuseIntruder(target: Target, options: BuildOptions): Promise<void> {
  const entries = await entriesOf(target);
  if (entries.length === 0 || options.overwrite === true || (await options.read(target.folder)) !== null) return;
  throw new FormatError({
    code: "TARGET_NOT_EMPTY",
    subject: options.subject,
    found: `"${nameOf(options)}" was empty when the work began and holds "${entries[0]}" now`,
    expected: "a target that nobody else writes to",
    fix: "Move it away and run the same command again: the finished work is kept beside the target",
  });
}

const discard = ({ root }: Work): Promise<void> => rm(root, { recursive: true, force: true });

const rmdirIfEmpty = (folder: string): Promise<void> => rmdir(folder).catch(() => {});

const nameOf = ({ to, name }: BuildOptions): string => (name === undefined ? to : `${to}/${name}`);

/**
 * Changes an artifact in place while nobody else builds or changes it: adds an evaluation, draws a report.
 *
 * @throws FormatError `BUSY`
 */
export async function changeInPlace<T>(
  { subject, to, name, signal }: Pick<BuildOptions, "subject" | "to" | "name" | "signal">,
  change: (folder: string) => Promise<T>,
): Promise<T> {
  const target = await targetOf(to, name ?? null);
  const lock = await takeLock(target.work, { subject, target: to, wait: true, signal });
  try {
    return await change(target.folder);
  } finally {
    await lock.release();
  }
}

/** The error of work that was stopped by its signal. */
export function stopped({ subject, target, fix }: { subject: string; target: string; fix: string }): FerError {
  return new FerError({ code: "ABORTED", subject, found: `stopped before "${target}" was complete`, fix });
}
