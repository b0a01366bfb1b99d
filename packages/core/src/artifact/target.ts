/**
 * Where an artifact goes. It is a folder of its own (`data/rafdb`, `runs/first`), or a few files of one name in a common
 * folder (`features/mix.json`, `features/mix_train_images.npy` ...). While it is made it lies in `.<name>.partial`:
 *
 *     .<name>.partial/
 *       lock-<n>          who is at work
 *       work-<token>/     named after that lock: an owner that another has taken over from finds its paths gone
 *         identity.json   what is being made
 *         scratch/        what a restart needs and the artifact does not
 *         tree/           what becomes the artifact
 *         ready.json      all of tree/ is complete; only its way to the target may be missing
 *         old/            what it replaces
 *
 * The work folder lies beside the target, or inside where the target is a mount or stands in a folder that cannot be
 * written.
 */
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { makeFolder } from "../files/make-folder.js";
import { writeAtomic } from "../files/write-atomic.js";

/** Beginning of the name of a folder that is moved to see whether it can be. */
const PROBE = ".fer-probe-";

/** A target on disk. */
export interface Target {
  /** Folder that the files end up in; symbolic links resolved, so that data lands where a link points. */
  folder: string;
  /** `null` for a folder of its own, else what its files begin with. */
  name: string | null;
  /** The work folder. */
  work: string;
}

/** Files and folders of the work under way. */
export interface Work {
  root: string;
  identity: string;
  scratch: string;
  tree: string;
  ready: string;
  old: string;
}

const WORK = "work-";

/** The work of a lock: what an earlier owner has left, under a new name, or a new folder. */
export async function takeWork({ work }: Target, token: string): Promise<Work> {
  const root = join(work, `${WORK}${token}`);
  for (const left of await workIn(work)) if (!(await exists(root))) await rename(left, root);
  await makeFolder(root);
  const at = (name: string): string => join(root, name);
  return {
    root,
    identity: at("identity.json"),
    scratch: at("scratch"),
    tree: at("tree"),
    ready: at("ready.json"),
    old: at("old"),
  };
}

/** Folders of work in a work folder. */
export async function workIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.filter((name) => name.startsWith(WORK)).map((name) => join(folder, name));
}

/** Whether an artifact of this target has been begun, or waits for its publication to end. */
export async function hasWork({ work }: Target): Promise<boolean> {
  return (await readdir(work).catch(() => [])).length > 0;
}

/** Finds the target of a path; `name` where it is files in a common folder. */
export async function targetOf(path: string, name: string | null = null): Promise<Target> {
  const folder = await nearestRealPath(resolve(path));
  if (name !== null) return { folder, name, work: join(folder, `.${name}.partial`) };
  const hidden = `.${basename(folder)}.partial`;
  const beside = join(dirname(folder), hidden);
  return { folder, name, work: (await reaches(dirname(folder), folder)) ? beside : join(folder, hidden) };
}

/** The path with symbolic links resolved as far as it exists, also where a link points to nothing yet. */
export async function nearestRealPath(path: string, links = 0): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path || links > MOST_LINKS) return path;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      const to = await readlink(path).catch(() => null);
      if (to !== null) return nearestRealPath(resolve(parent, to), links + 1);
    }
    return join(await nearestRealPath(parent, links), basename(path));
  }
}

/** As many as Linux follows. */
const MOST_LINKS = 40;

/** Whether what is made in `parent` can be moved into `folder`: not so for a mount, or where `parent` is not ours. */
async function reaches(parent: string, folder: string): Promise<boolean> {
  const there = await stat(folder).catch(() => null);
  if (there === null || !there.isDirectory() || parent === folder) return parent !== folder;
  let probe: string | undefined;
  try {
    probe = await mkdtemp(join(parent, PROBE));
    const moved = join(folder, basename(probe));
    await rename(probe, moved);
    probe = moved;
    return true;
  } catch {
    return false;
  } finally {
    if (probe !== undefined) await rm(probe, { recursive: true, force: true });
  }
}

/** Names in the target that are part of an artifact, or in its way: everything in a folder, `<name>...` in a common one. */
export async function entriesOf({ folder, name, work }: Target): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [] as string[];
    throw error;
  });
  return names
    .filter((entry) => join(folder, entry) !== work && !entry.startsWith(PROBE))
    .filter((entry) => name === null || belongsTo(entry, name))
    .sort();
}

/** Files of a set called `name`: `<name>.json`, `<name>.manifest.json`, `<name>.croissant.json`, `<name>.html`, `<name>_<part>...`. */
function belongsTo(entry: string, name: string): boolean {
  const rest = entry.startsWith(name) ? entry.slice(name.length) : null;
  return (
    rest !== null &&
    /^(\.((manifest|croissant)\.)?json|\.html|_(train|val|test|full|all|dropped|fold-\d+)([._-].*)?)$/.test(rest)
  );
}

/** What a publication does, written down before it begins: it can be cut off and is ended by whoever comes next. */
interface Publication {
  /** Entries of the target that make room, the description of the old artifact first. */
  replaced: string[];
  /** Entries of the tree that take their place, the description last: no half artifact has one. */
  entries: string[];
}

interface FinishedWork {
  target: Target;
  work: Work;
  /** Name of the file that describes the artifact. */
  description: string;
}

/** Moves a finished tree to its target. Every step is a rename, and none is done twice. */
export async function publish({ target, work, description }: FinishedWork): Promise<void> {
  const { tree, ready } = work;
  const descriptionFirst = (names: string[]): string[] =>
    names.toSorted((a, b) => Number(b === description) - Number(a === description));
  const publication: Publication = {
    replaced: descriptionFirst(await entriesOf(target)),
    entries: descriptionFirst(await readdir(tree)).toReversed(),
  };
  await writeAtomic(ready, `${JSON.stringify(publication, null, 2)}\n`);
  await finishPublication(target, work);
}

/** Ends a publication that was begun; `false` where there was none. */
export async function finishPublication({ folder, name }: Target, { tree, ready, old }: Work): Promise<boolean> {
  const text = await readFile(ready, "utf8").catch(() => null);
  if (text === null) return false;
  const { replaced, entries } = JSON.parse(text) as Publication;
  if (name === null && replaced.length === 0 && !(await exists(folder))) {
    // at once, for whoever looks on
    await makeFolder(dirname(folder));
    await rename(tree, folder);
    return true;
  }
  await mkdir(old, { recursive: true });
  for (const entry of replaced)
    if (!(await exists(join(old, entry)))) await moveIfThere(join(folder, entry), join(old, entry));
  for (const entry of entries) await moveIfThere(join(tree, entry), join(folder, entry));
  return true;
}

async function moveIfThere(from: string, to: string): Promise<void> {
  if (await exists(from)) await rename(from, to);
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
