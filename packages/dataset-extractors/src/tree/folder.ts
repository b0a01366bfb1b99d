/**
 * A dataset's tree, listed once (see `walk.ts`). All paths are relative, with forward slashes.
 *
 * It remembers which of its files were read: reading one says so by itself, a picture or a file whose name alone tells
 * something is said to be read by {@link Folder.use}. Whatever is left is reported in the end, so that nothing below a
 * folder is passed over in silence.
 *
 * Memory: one sorted array of paths and a byte a file; lookups are binary searches, the base-name index is built when
 * first asked for.
 */
import { open, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { byCodeUnit, DatasetError, fileLines, isLfsPointer, lfsPointer, unreadable, type TextLine } from "@fer/core";
import { fileName, isImageName, isPacked } from "./names.js";
import { walk, type Listing, type TreeNote } from "./walk.js";

/** What a lookup gives: the path in the tree, or why there is none. */
export type Lookup = { path: string; problem?: undefined } | { path?: undefined; problem: string };

/** How {@link Folder.find} looks. */
export interface FindOptions {
  /** The folder that names are relative to; "" for this one. */
  in?: string;
  /**
   * Whether a picture in another folder than the listed one is taken by its base name. Only where the owner gives every
   * picture a name of its own: else `train/1.png` would be found as `val/1.png`.
   */
  byName?: boolean;
}

interface Parts extends Listing {
  root: string;
  prefix: string;
  mounts: readonly { at: string; dir: string }[];
}

/** A tree of files below `root`, or a view of one of its folders. */
export class Folder {
  /** Absolute path. */
  readonly root: string;
  /** Path of this view below the folder that was opened; "" for that folder itself. */
  readonly prefix: string;
  /** Files, sorted by code unit. */
  readonly files: readonly string[];
  /** Archives and compressed files, which are not among `files`. */
  readonly archives: readonly string[];
  /** What is there and not read: links in a circle and the like. */
  readonly notes: readonly TreeNote[];
  /** Folders that lie elsewhere (unpacked archives), by their path below the folder that was opened. */
  readonly #mounts: Parts["mounts"];
  /** The folder that was opened. */
  #whole: Folder = this;
  /** Of the whole: which of its files have been read. */
  #read: Uint8Array;
  /** Number of this view's first file among those of the whole. */
  #offset = 0;
  #below: Map<string, string | string[]> | undefined;
  #bases: Map<string, string | string[]> | undefined;
  #folders: string[] | undefined;

  private constructor({ root, prefix, files, archives, notes, mounts }: Parts) {
    this.root = root;
    this.prefix = prefix;
    this.files = files;
    this.archives = archives;
    this.notes = notes;
    this.#mounts = mounts;
    this.#read = new Uint8Array(files.length);
  }

  /**
   * Lists a directory (or takes a single file as a folder of one).
   *
   * @param root Any path; blanks, brackets and parentheses are nothing special.
   * @throws DatasetError when there is no such folder.
   * @example
   * ```ts
   * import { Folder } from "@fer/dataset-extractors/readers";
   *
   * const folder = await Folder.open(".");
   * console.log(folder.files.length > 0);
   * ```
   */
  static async open(root: string): Promise<Folder> {
    const absolute = path.resolve(root);
    const info = await stat(absolute).catch((cause: NodeJS.ErrnoException) => {
      throw new DatasetError({
        code: "NO_SUCH_FOLDER",
        subject: root,
        found: cause.code === "ENOENT" ? "no such file or folder" : `it cannot be read (${cause.code ?? "unknown"})`,
        expected: "the folder of the dataset as its owners ship it",
        fix: "Check the path",
        cause,
      });
    });
    const top = { root: absolute, prefix: "", mounts: [] };
    if (!info.isFile()) return new Folder({ ...top, ...(await walk(absolute)) });
    const [file, none] = [[path.basename(absolute)], [] as string[]];
    const [files, archives] = isPacked(absolute) ? [none, file] : [file, none];
    return new Folder({ ...top, root: path.dirname(absolute), files, archives, notes: [] });
  }

  /** A view of a folder below: its paths are relative to it. */
  at(dir: string): Folder {
    if (dir === "") return this;
    const start = `${dir}/`;
    const cut = (paths: readonly string[]) => range(paths, start).map((file) => file.slice(start.length));
    const view = new Folder({
      root: path.join(this.root, dir),
      prefix: this.prefix === "" ? dir : `${this.prefix}/${dir}`,
      files: cut(this.files),
      archives: cut(this.archives),
      notes: [],
      mounts: this.#mounts,
    });
    view.#whole = this.#whole;
    view.#read = this.#read;
    view.#offset = this.#offset + lowerBound(this.files, start);
    return view;
  }

  /** This folder with others as folders in it: their files are listed here and read there. */
  mount(parts: readonly { at: string; folder: Folder; archive?: string }[]): Folder {
    const added = parts.flatMap(({ at, folder }) => folder.files.map((file) => `${at}/${file}`));
    const opened = new Set(parts.map(({ archive }) => archive));
    const within = parts.flatMap(({ at, folder }) => folder.archives.map((file) => `${at}/${file}`));
    return new Folder({
      root: this.root,
      prefix: this.prefix,
      files: [...this.files, ...added].sort(byCodeUnit),
      archives: [...this.archives.filter((file) => !opened.has(file)), ...within].sort(byCodeUnit),
      notes: this.notes.concat(),
      mounts: [...this.#mounts, ...parts.map(({ at, folder }) => ({ at, dir: folder.root }))],
    });
  }

  /** The same files seen by somebody whose reading does not count as reading: for detection. */
  peek(): Folder {
    const { root, prefix, files, archives, notes } = this;
    const view = new Folder({
      root,
      prefix,
      files: files as string[],
      archives: archives as string[],
      notes: notes as TreeNote[],
      mounts: this.#mounts,
    });
    view.#below = this.#below;
    view.#bases = this.#bases;
    view.#folders = this.#folders;
    return view;
  }

  /** Says that a file has been read, or taken account of. `false` where there is no such file. */
  use(file: string): boolean {
    const at = indexOf(this.files, file);
    if (at >= 0) this.#read[this.#offset + at] = 1;
    return at >= 0;
  }

  /** The same for all files below a folder; `false` where there are none. */
  useAll(dir: string): boolean {
    const [from, to] = bounds(this.files, `${dir}/`);
    this.#read.fill(1, this.#offset + from, this.#offset + to);
    return to > from;
  }

  /** Forgets what was read. */
  forget(): void {
    this.#read.fill(0);
  }

  /** The folder that was opened, of which this may be a view. */
  get whole(): Folder {
    return this.#whole;
  }

  /** Whether each file of {@link Folder.whole} has been read, in their order. */
  get readOfWhole(): readonly boolean[] {
    return Array.from(this.#read, (read) => read === 1);
  }

  /** A path of the whole as seen from here: what lies beside this view begins with `../`. */
  fromWhole(file: string): string {
    if (this.prefix === this.#whole.prefix) return file;
    const own = this.#whole.prefix === "" ? this.prefix : this.prefix.slice(this.#whole.prefix.length + 1);
    return file.startsWith(`${own}/`) ? file.slice(own.length + 1) : "../".repeat(own.split("/").length) + file;
  }

  /** Absolute path of a file or folder below. */
  absolute(relative: string): string {
    if (this.#mounts.length > 0) {
      const full = this.prefix === "" ? relative : `${this.prefix}/${relative}`;
      const mount = this.#mounts.find(({ at }) => full.startsWith(`${at}/`));
      if (mount !== undefined) return path.join(mount.dir, full.slice(mount.at.length));
    }
    return path.join(this.root, relative);
  }

  /** Whether there is a file of exactly this relative path. */
  has(file: string): boolean {
    return indexOf(this.files, file) >= 0;
  }

  /**
   * When any of the files was last changed, moved or replaced, in ms since 1970; files that are gone do not count.
   * Asks the file system about every file, which takes a while on large trees.
   */
  async lastChange(): Promise<number> {
    let newest = 0;
    for (let from = 0; from < this.files.length; from += 256) {
      const infos = await Promise.allSettled(
        this.files.slice(from, from + 256).map((file) => stat(this.absolute(file))),
      );
      for (const info of infos) {
        if (info.status === "fulfilled") newest = Math.max(newest, info.value.mtimeMs, info.value.ctimeMs);
      }
    }
    return newest;
  }

  /** Files below `dir` at any depth (paths still relative to this folder). */
  under(dir: string): string[] {
    return dir === "" ? [...this.files] : range(this.files, `${dir}/`);
  }

  /** Files with the extension of an image below `dir`, at any depth. */
  images(dir = ""): string[] {
    return this.under(dir).filter(isImageName);
  }

  /** Every folder that holds a file at any depth, sorted; without "" itself. */
  get folders(): readonly string[] {
    if (this.#folders === undefined) {
      const all = new Set<string>();
      for (const file of this.files) {
        for (let end = file.lastIndexOf("/"); end > 0; end = file.lastIndexOf("/", end - 1)) {
          const dir = file.slice(0, end);
          if (all.has(dir)) break;
          all.add(dir);
        }
      }
      this.#folders = [...all].sort(byCodeUnit);
    }
    return this.#folders;
  }

  /** Names of the folders directly below `dir`. */
  children(dir = ""): string[] {
    const start = dir === "" ? "" : `${dir}/`;
    const below = start === "" ? this.folders : range(this.folders, start);
    return below.map((folder) => folder.slice(start.length)).filter((name) => !name.includes("/"));
  }

  /** Names of the files directly below `dir`. */
  filesIn(dir = ""): string[] {
    const start = dir === "" ? "" : `${dir}/`;
    return this.under(dir)
      .map((file) => file.slice(start.length))
      .filter((name) => !name.includes("/"));
  }

  /**
   * Folders (this one as "") that pass the test, shallowest first: "the directory that looks like X", wherever an
   * archiver or a user has put it.
   */
  findFolders(test: (dir: string) => boolean): string[] {
    return ["", ...this.folders].filter(test).sort((a, b) => depth(a) - depth(b) || byCodeUnit(a, b));
  }

  /** Files whose base name passes, shallowest first. */
  findFiles(name: string | RegExp): string[] {
    const fits = (base: string) => (typeof name === "string" ? base.toLowerCase() === name : name.test(base));
    return this.files.filter((file) => fits(fileName(file))).sort((a, b) => depth(a) - depth(b) || byCodeUnit(a, b));
  }

  /**
   * The file that a list names: exact relative path, then without regard to case, then where the listed path and that
   * of the file differ only in leading folders (`faces/a.png` for `images/faces/a.png` or for `a.png` at the top).
   * Windows separators are read; a path that leaves the folder is refused; two candidates are reported instead of
   * choosing one.
   */
  find(name: string, { in: dir = "", byName = false }: FindOptions = {}): Lookup {
    const plain = withoutRoot(name.trim().replaceAll("\\", "/"), this.root.replaceAll("\\", "/"));
    if (plain === "") return { problem: "the row names no file" };
    if (plain.startsWith("/") || /^[a-z]:/i.test(plain) || plain.split("/").includes("..")) {
      return { problem: `"${name}" leads out of the dataset's folder` };
    }
    const exact = dir === "" ? plain : `${dir}/${plain}`;
    if (this.has(exact)) return { path: exact };
    this.#below ??= index(this.files, (file) => file);
    const folded = pick(this.#below.get(fold(exact)), { dir, name });
    if (folded !== undefined) return folded;
    this.#bases ??= index(this.files, fileName);
    const named = this.#bases.get(fold(fileName(plain)));
    return pick(named, { dir, name, listed: byName ? undefined : fold(plain) }) ?? notThere(name);
  }

  /** Content of a file. */
  async bytes(file: string): Promise<Buffer> {
    this.#opened(file);
    return readFile(this.absolute(file)).catch((error: unknown) => {
      throw unreadable(error, file);
    });
  }

  /** The first bytes of a file. Does not count as reading it. */
  async head(file: string, bytes: number): Promise<Buffer> {
    const handle = await open(this.absolute(file)).catch((error: unknown) => {
      throw unreadable(error, file);
    });
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  /** A small text file: BOM stripped, Git LFS pointers refused. */
  async text(file: string): Promise<string> {
    this.#opened(file);
    const text = (
      await readFile(this.absolute(file), "utf8").catch((error: unknown) => {
        throw unreadable(error, file);
      })
    ).replace(/^\uFEFF/, "");
    if (isLfsPointer(text)) throw lfsPointer(file);
    return text;
  }

  /** Lines of a text file, streamed; see {@link fileLines}. */
  lines(file: string): AsyncGenerator<TextLine> {
    this.#opened(file);
    return fileLines(this.absolute(file), { file });
  }

  /** The first line of a text file; "" when empty. Does not count as reading it. */
  async firstLine(file: string): Promise<string> {
    for await (const { text } of fileLines(this.absolute(file), { file })) return text;
    return "";
  }

  /** A picture is read by whoever yields it, not by who looks at its header. */
  #opened(file: string): void {
    if (!isImageName(file)) this.use(file);
  }
}

/** A listed path without `./`, or without the folder itself where the list gives whole paths. */
const withoutRoot = (name: string, root: string): string =>
  name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name.replace(/^\.\//, "");

const depth = (dir: string) => (dir === "" ? 0 : dir.split("/").length);

// Archives made on macOS spell accents in two code points.
const fold = (text: string) => text.normalize("NFC").toLowerCase();

function index(files: readonly string[], key: (file: string) => string): Map<string, string | string[]> {
  const map = new Map<string, string | string[]>();
  for (const file of files) {
    const k = fold(key(file));
    const before = map.get(k);
    if (before === undefined) map.set(k, file);
    else if (typeof before === "string") map.set(k, [before, file]);
    else before.push(file);
  }
  return map;
}

interface Wanted {
  dir: string;
  name: string;
  /** The listed path in lower case, where the folders in it must not contradict those of the file. */
  listed?: string | undefined;
}

function pick(found: string | string[] | undefined, { dir, name, listed }: Wanted): Lookup | undefined {
  if (found === undefined) return undefined;
  const all = typeof found === "string" ? [found] : found;
  const below = dir === "" ? all : all.filter((file) => file.startsWith(`${dir}/`));
  const fits =
    listed === undefined
      ? below
      : below.filter((file) => agree(fold(file.slice(dir === "" ? 0 : dir.length + 1)), listed));
  if (fits.length === 1) return { path: fits[0]! };
  if (fits.length > 1) return { problem: `"${name}" fits ${fits.length} files: ${fits.slice(0, 3).join(", ")}` };
  if (below.length === 0) return undefined;
  return { problem: `"${name}" is not in the folder (of that name there is only "${below.slice(0, 3).join('", "')}")` };
}

/** Whether one path is the end of the other. */
const agree = (a: string, b: string): boolean => a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);

const notThere = (name: string): Lookup => ({ problem: `"${name}" is not in the folder` });

/** Position in a sorted array, or -1. */
function indexOf(sorted: readonly string[], value: string): number {
  const at = lowerBound(sorted, value);
  return sorted[at] === value ? at : -1;
}

/** The entries of a sorted array that begin with `start`: they lie side by side. */
function range(sorted: readonly string[], start: string): string[] {
  return sorted.slice(...bounds(sorted, start));
}

/** Where the entries that begin with `start` lie: from, and to before which. */
function bounds(sorted: readonly string[], start: string): [number, number] {
  // "\uffff" sorts behind every character of a path
  return [lowerBound(sorted, start), lowerBound(sorted, `${start}\uffff`)];
}

function lowerBound(sorted: readonly string[], value: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
