/**
 * Two copies of a dataset below one folder, as they lie after two downloads were unpacked side by side, or one within
 * the other: the same relative names, and each of them a whole dataset by itself. Samples of names are compared, so that
 * this costs a few hundred lookups, whatever the size of the tree.
 */
import { readFile } from "node:fs/promises";
import type { Folder } from "./folder.js";

/** Folders side by side that are compared; where there are more, they are people, clips or classes. */
const SIBLINGS = 64;
/** Files of a folder that are looked for in another one. */
const SAMPLES = 16;
/** Wrapping folders that are opened to reach the dataset. */
const DEPTH = 8;

/** How copies are recognised. */
export interface CopyTest {
  /** Whether a folder is the dataset by itself. */
  fits(dir: string): Promise<boolean>;
  /** Whether names are not enough, because other people's files may have the same ones: then contents are compared. */
  sameContent: boolean;
  /** Whether two folders are parts of one dataset by their names, as `train` and `test`. */
  areParts(one: string, two: string): boolean;
}

/** The folders of two copies ("" is `folder` itself), or `undefined`. */
export async function findCopies(folder: Folder, test: CopyTest): Promise<[string, string] | undefined> {
  let level = "";
  for (let depth = 0; depth < DEPTH; depth++) {
    const trees = folder
      .children(level)
      .slice(0, SIBLINGS + 1)
      .map((name) => unwrapped(folder, join(level, name)));
    if (trees.length > SIBLINGS) return undefined;
    const top = { dir: level, at: level, files: folder.under(level) };
    for (const [i, two] of trees.entries()) {
      for (const one of [top, ...trees.slice(0, i)]) {
        if (one !== top && test.areParts(one.dir, two.dir)) continue;
        if (!(await overlap(folder, { one, two, ...test }))) continue;
        if ((await test.fits(two.dir)) && (one === top || (await test.fits(one.dir)))) return [one.dir, two.dir];
      }
    }
    // a dataset that lies in one folder, beside a readme at most
    const inner = trees.find(({ files }) => files.length >= 0.9 * top.files.length);
    if (inner === undefined) return undefined;
    level = inner.dir;
  }
  return undefined;
}

/** A folder, without the folders that hold nothing but another one. */
interface Tree {
  dir: string;
  /** Where its content begins. */
  at: string;
  files: readonly string[];
}

function unwrapped(folder: Folder, dir: string): Tree {
  const files = folder.under(dir);
  let at = dir;
  for (let depth = 0; depth < DEPTH; depth++) {
    const [inner, ...others] = folder.children(at);
    if (inner === undefined || others.length > 0 || folder.under(join(at, inner)).length < files.length) break;
    at = join(at, inner);
  }
  return { dir, at, files };
}

/** Whether half of the names of one tree are names of the other, and some of them the same files if that is asked for. */
async function overlap(
  folder: Folder,
  { one, two, sameContent }: { one: Tree; two: Tree; sameContent: boolean },
): Promise<boolean> {
  const [small, large] = two.files.length <= one.files.length ? [two, one] : [one, two];
  const pairs = samplesOf(small.files)
    .map((file): [string, string] => [file, join(large.at, file.slice(small.at === "" ? 0 : small.at.length + 1))])
    .filter(([file, other]) => file !== other && folder.has(other));
  if (pairs.length === 0 || pairs.length < samplesOf(small.files).length / 2) return false;
  if (!sameContent) return true;
  for (const [file, other] of samplesOf(pairs).slice(0, SAMPLES / 4)) {
    const [a, b] = await Promise.all([file, other].map((name) => content(folder.absolute(name))));
    if (a === undefined || b === undefined || !a.equals(b)) return false;
  }
  return true;
}

const content = (path: string): Promise<Buffer | undefined> => readFile(path).catch(() => undefined);

/** Some of a list, evenly spread. */
const samplesOf = <T>(list: readonly T[]): T[] =>
  list.length <= SAMPLES
    ? [...list]
    : Array.from({ length: SAMPLES }, (_, i) => list[Math.floor((i * list.length) / SAMPLES)]!);

const join = (dir: string, name: string): string => (dir === "" ? name : `${dir}/${name}`);
