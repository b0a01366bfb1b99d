/**
 * A dataset's tree, walked once: the only file that walks (fast-glob), so that every adapter sees the same order
 * (code units) and the same exclusions, whatever the machine. Symlinks are not followed. Left out: what file managers
 * and archivers leave behind (`.DS_Store`, `Thumbs.db`, `desktop.ini`, `__MACOSX/`, `._*`), archives (listed apart), and image
 * folders that this tool wrote itself.
 *
 * Memory: one sorted array of paths; lookups are binary searches, the base-name index is built when first asked for.
 */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import glob from "fast-glob";
import { byCodeUnit, DatasetError, fileLines, lfsPointer, unreadable, type TextLine } from "@fer/core";

const JUNK = ["**/.DS_Store", "**/Thumbs.db", "**/desktop.ini", "**/__MACOSX/**", "**/._*"];
const ARCHIVE = /\.(zip|tar|tgz|tar\.gz|gz|rar|7z|7z\.\d+|zip\.\d+|z\d\d)$/i;
const IMAGE = /\.(jpe?g|jfif|png|bmp|dib|gif|tiff?|webp|pgm|ppm)$/i;

/** What a lookup gives: the path in the tree, or why there is none. */
export type Lookup = { path: string; problem?: undefined } | { path?: undefined; problem: string };

/** A tree of files below `root`, or a view of one of its folders. All paths are relative, with forward slashes. */
export class Folder {
  #below: Map<string, string | string[]> | undefined;
  #bases: Map<string, string | string[]> | undefined;
  #folders: string[] | undefined;

  private constructor(
    /** Absolute path. */
    readonly root: string,
    /** Path of this view below the folder that was opened; "" for that folder itself. */
    readonly prefix: string,
    /** Files, sorted by code unit. */
    readonly files: readonly string[],
    /** Archives, which are not among `files`. */
    readonly archives: readonly string[],
    /** Folders that lie elsewhere (unpacked archives), by their path below the folder that was opened. */
    private readonly mounts: readonly { at: string; dir: string }[] = [],
  ) {}

  /**
   * Walks a directory (or takes a single file as a folder of one).
   *
   * @param root Any path; blanks, brackets and parentheses are nothing special.
   * @throws DatasetError when there is no such folder.
   * @example
   * ```ts
   * import { Folder } from "@fer/dataset-extractors";
   *
   * const folder = await Folder.open(".");
   * console.log(folder.files.length > 0);
   * ```
   */
  static async open(root: string): Promise<Folder> {
    const absolute = path.resolve(root);
    const info = await stat(absolute).catch((cause: unknown) => {
      throw new DatasetError({
        code: "NO_SUCH_FOLDER",
        subject: "folder",
        found: `"${absolute}" cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown"})`,
        expected: "the folder of the dataset as its owners ship it",
        fix: "Check the path",
        cause,
      });
    });
    if (info.isFile()) return new Folder(path.dirname(absolute), "", [path.basename(absolute)], []);
    const archives: string[] = [];
    const files: string[] = [];
    const outputs: string[] = [];
    const options = { cwd: absolute, dot: true, followSymbolicLinks: false, ignore: JUNK, onlyFiles: true };
    for await (const found of glob.stream("**/*", options)) {
      const file = found as string;
      (ARCHIVE.test(file) ? archives : files).push(file);
      if (base(file) === "skipped.jsonl") outputs.push(file.slice(0, -"skipped.jsonl".length));
    }
    files.sort(byCodeUnit);
    const ours = outputs.filter((dir) => indexOf(files, `${dir}dataset.json`) >= 0);
    const kept = ours.length === 0 ? files : files.filter((file) => !ours.some((dir) => file.startsWith(dir)));
    return new Folder(absolute, "", kept, archives.sort(byCodeUnit));
  }

  /** A view of a folder below: its paths are relative to it. */
  at(dir: string): Folder {
    if (dir === "") return this;
    const start = `${dir}/`;
    const cut = (paths: readonly string[]) => range(paths, start).map((file) => file.slice(start.length));
    const prefix = this.prefix === "" ? dir : `${this.prefix}/${dir}`;
    return new Folder(path.join(this.root, dir), prefix, cut(this.files), cut(this.archives), this.mounts);
  }

  /** This folder with others as folders in it: their files are listed here and read there. */
  mount(parts: readonly { at: string; folder: Folder }[]): Folder {
    const added = parts.flatMap(({ at, folder }) => folder.files.map((file) => `${at}/${file}`));
    const mounts = parts.map(({ at, folder }) => ({ at, dir: folder.root }));
    return new Folder(
      this.root,
      this.prefix,
      [...this.files, ...added].sort(byCodeUnit),
      [],
      [...this.mounts, ...mounts],
    );
  }

  /** Absolute path of a file or folder below. */
  absolute(relative: string): string {
    if (this.mounts.length > 0) {
      const full = this.prefix === "" ? relative : `${this.prefix}/${relative}`;
      const mount = this.mounts.find(({ at }) => full.startsWith(`${at}/`));
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
   * Asks the file system for every file: dear on large trees.
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
    const fits = typeof name === "string" ? (base: string) => base.toLowerCase() === name : (b: string) => name.test(b);
    return this.files.filter((file) => fits(base(file))).sort((a, b) => depth(a) - depth(b) || byCodeUnit(a, b));
  }

  /**
   * The file that a list names, below `dir`: exact relative path, then without regard to case, then the base name
   * without regard to case. Windows separators are read; a path that leaves the folder is refused; two candidates are
   * reported instead of choosing one.
   */
  find(name: string, dir = ""): Lookup {
    const plain = name.trim().replaceAll("\\", "/").replace(/^\.\//, "");
    if (plain === "") return { problem: "the row names no file" };
    if (plain.startsWith("/") || /^[a-z]:/i.test(plain) || plain.split("/").includes("..")) {
      return { problem: `"${name}" leads out of the dataset's folder` };
    }
    const exact = dir === "" ? plain : `${dir}/${plain}`;
    if (this.has(exact)) return { path: exact };
    this.#below ??= index(this.files, (file) => file);
    const folded = pick(this.#below.get(fold(exact)), dir, name);
    if (folded !== undefined) return folded;
    this.#bases ??= index(this.files, base);
    return pick(this.#bases.get(fold(base(plain))), dir, name) ?? { problem: `"${name}" is not in the folder` };
  }

  /** Content of a file. */
  async bytes(file: string): Promise<Buffer> {
    return readFile(this.absolute(file)).catch((error: unknown) => {
      throw unreadable(error, file);
    });
  }

  /** A small text file: BOM stripped, Git LFS pointers refused. */
  async text(file: string): Promise<string> {
    const text = (
      await readFile(this.absolute(file), "utf8").catch((error: unknown) => {
        throw unreadable(error, file);
      })
    ).replace(/^\uFEFF/, "");
    if (text.startsWith("version https://git-lfs")) throw lfsPointer(file);
    return text;
  }

  /** Lines of a text file, streamed; see {@link fileLines}. */
  lines(file: string): AsyncGenerator<TextLine> {
    return fileLines(this.absolute(file), file);
  }

  /** The first line of a text file; "" when empty. */
  async firstLine(file: string): Promise<string> {
    for await (const { text } of this.lines(file)) return text;
    return "";
  }
}

/** Whether a name ends like an image (case-insensitive). What the file really is, is told by its content. */
export function isImageName(name: string): boolean {
  return IMAGE.test(name);
}

/** Base name of a relative path with forward slashes. */
export function base(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1);
}

/** Base name without its last extension. */
export function stem(file: string): string {
  return base(file).replace(/\.[^.]*$/, "");
}

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

function pick(found: string | string[] | undefined, dir: string, name: string): Lookup | undefined {
  if (found === undefined) return undefined;
  const all = typeof found === "string" ? [found] : found;
  const below = dir === "" ? all : all.filter((file) => file.startsWith(`${dir}/`));
  if (below.length === 0) return undefined;
  if (below.length === 1) return { path: below[0]! };
  return { problem: `"${name}" fits ${below.length} files: ${below.slice(0, 3).join(", ")}` };
}

/** Position in a sorted array, or -1. */
function indexOf(sorted: readonly string[], value: string): number {
  const at = lowerBound(sorted, value);
  return sorted[at] === value ? at : -1;
}

/** The entries of a sorted array that begin with `start`: they lie side by side. */
function range(sorted: readonly string[], start: string): string[] {
  const from = lowerBound(sorted, start);
  // "\uffff" sorts behind every character of a path
  return sorted.slice(from, lowerBound(sorted, `${start}\uffff`));
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
