/**
 * Lists everything below a folder: the only file that walks (fast-glob), so that every adapter sees the same order (code
 * units) and the same exclusions, whatever the machine. Left out without a word: what file managers and archivers leave
 * behind (`.DS_Store`, `Thumbs.db`, `desktop.ini`, `__MACOSX/`, `._*`), and image folders that this tool wrote itself.
 *
 * A link stands for what it leads to. The files of a linked folder are listed under the link, and not a second time
 * where they lie if that is below the same folder. Links that lead nowhere, in a circle or to a folder that is listed
 * already, and what is neither file nor folder, become notes.
 */
import type { Dirent } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import glob from "fast-glob";
import { byCodeUnit, DatasetError } from "@fer/core";
import { fileName, isPacked } from "./names.js";

const JUNK = ["**/.DS_Store", "**/Thumbs.db", "**/desktop.ini", "**/__MACOSX/**", "**/._*"];

/** Something that lies in the tree and is not read, with the reason. `path` ends in `/` for a folder. */
export interface TreeNote {
  path: string;
  detail: string;
}

/** What lies below a folder: relative paths with forward slashes, each list in order of code units. */
export interface Listing {
  files: string[];
  /** Archives and compressed files, which are not among `files`. */
  archives: string[];
  notes: TreeNote[];
}

/**
 * Everything below `root`.
 *
 * @throws DatasetError when a folder below cannot be read.
 */
export async function walk(root: string): Promise<Listing> {
  const listing = await new Walk(root, await realpath(root)).list();
  for (const paths of [listing.files, listing.archives]) paths.sort(byCodeUnit);
  listing.notes.sort((a, b) => byCodeUnit(a.path, b.path));
  return listing;
}

class Walk {
  readonly #files: string[] = [];
  readonly #archives: string[] = [];
  readonly #notes: TreeNote[] = [];
  readonly #outputs: string[] = [];
  /** Links that are still to be looked at. */
  #links: string[] = [];
  /** Real path of each linked folder, and the link that it is listed under. */
  readonly #linked = new Map<string, string>();
  /** Folders that are read through a link, and the link. */
  readonly #elsewhere = new Map<string, string>();

  constructor(
    private readonly root: string,
    private readonly real: string,
  ) {}

  async list(): Promise<Listing> {
    await this.#listBelow("");
    for (let link = this.#links.shift(); link !== undefined; link = this.#links.shift()) await this.#follow(link);
    const ours = this.#outputs.filter((dir) => this.#files.includes(`${dir}dataset.json`));
    const left = [...ours, ...[...this.#elsewhere.keys()].map((dir) => `${dir}/`)];
    const kept = (file: string) => !left.some((dir) => file.startsWith(dir));
    const elsewhere = [...this.#elsewhere].map(([own, link]) => ({
      path: own,
      detail: `read as "${link}", a link to it`,
    }));
    return {
      files: left.length === 0 ? this.#files : this.#files.filter(kept),
      archives: left.length === 0 ? this.#archives : this.#archives.filter(kept),
      notes: [...this.#notes, ...elsewhere],
    };
  }

  async #listBelow(at: string): Promise<void> {
    const cwd = path.join(this.root, at);
    const links: string[] = [];
    const options = { cwd, dot: true, ignore: JUNK, followSymbolicLinks: false, onlyFiles: false, objectMode: true };
    try {
      for await (const found of glob.stream("**/*", options)) {
        const { path: name, dirent } = found as unknown as { path: string; dirent: Dirent };
        const file = at === "" ? name : `${at}/${name}`;
        if (dirent.isFile()) this.#add(file);
        else if (dirent.isSymbolicLink()) links.push(file);
        else if (!dirent.isDirectory()) this.#notes.push({ path: file, detail: "neither a file nor a folder" });
      }
    } catch (cause) {
      throw unreadableFolder(cause, cwd);
    }
    this.#links.push(...links.sort(byCodeUnit));
  }

  #add(file: string): void {
    (isPacked(file) ? this.#archives : this.#files).push(file);
    if (fileName(file) === "skipped.jsonl") this.#outputs.push(file.slice(0, -"skipped.jsonl".length));
  }

  async #follow(link: string): Promise<void> {
    const absolute = path.join(this.root, link);
    const note = (detail: string) => void this.#notes.push({ path: link, detail });
    const info = await stat(absolute).catch(() => undefined);
    if (info === undefined) return note("a link that leads nowhere");
    if (info.isFile()) return this.#add(link);
    if (!info.isDirectory()) return note("a link to what is neither a file nor a folder");
    const [target, place] = [await realpath(absolute), await realpath(path.dirname(absolute))];
    if (isWithin(place, target) || isWithin(this.real, target)) return note("a link to a folder that it lies in");
    const listed = [...this.#linked].find(([other]) => isWithin(target, other));
    if (listed !== undefined) return note(`a link to what is read through "${listed[1]}"`);
    this.#linked.set(target, link);
    if (isWithin(target, this.real)) {
      const own = path.relative(this.real, target).replaceAll(path.sep, "/");
      this.#elsewhere.set(own, link);
      // links below it are met again under this one
      this.#links = this.#links.filter((other) => !other.startsWith(`${own}/`));
    }
    await this.#listBelow(link);
  }
}

/** Whether `inner` is `outer` or lies below it. */
const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith(path.sep) ? outer : outer + path.sep);

function unreadableFolder(cause: unknown, folder: string): unknown {
  const { code, path: at = folder } = cause as NodeJS.ErrnoException;
  if (code === undefined) return cause;
  return new DatasetError({
    code: "UNREADABLE_FOLDER",
    subject: "folder",
    found: `"${at}" cannot be read (${code})`,
    expected: "a folder whose files can be listed",
    fix: code === "EACCES" || code === "EPERM" ? "Change its permissions" : "Check the disk and the path",
    cause,
  });
}
