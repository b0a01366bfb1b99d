/** What there is in a folder: image folders, sets and runs, finished or not. */
import { byCodeUnit, FerError, formatCount } from "@fer/core";
import { isWorkFolder, unfinishedIn, type Unfinished } from "@fer/core/artifact";
import { type DatasetInfo, parseDatasetInfo } from "@fer/core/image-folder";
import { HttpProblem } from "@fer/core/http";
import { Metrics, RUN_FILES, RunFolder } from "@fer/core/run";
import { PARTS, readSetInfo, type SetInfo } from "@fer/core/set";
import type { Dirent } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { Entry, IndexAnswer } from "../protocol.js";
import { insideOf, refuseLinkOut, refuseLinksOut, refuseWayOut } from "./inside.js";

/** Folders below each other that are looked into. */
const DEEPEST = 8;
/** Folders that are looked into. */
const MOST_FOLDERS = 5000;

/** A run: its folder once it is finished, its work while it is not. */
export interface RunPlace {
  path: string;
  /** Real path of the finished run. */
  folder: string | null;
  work: Unfinished | null;
}

/** A set, whose files are `<folder>/<name>...`. */
export interface SetPlace {
  path: string;
  folder: string;
  name: string;
}

interface Found {
  kind: Entry["kind"];
  /** From the root. */
  path: string;
}

/** Finds what there is, and where it is. */
export class Catalog {
  /** Real path of the folder that is shown. */
  readonly root: string;
  /** What was read of finished artifacts, as long as their descriptions are as they were. */
  readonly #known = new Map<string, { stamp: string; entry: Entry }>();

  readonly #fingerprints = new Map<string, { stamp: string; fingerprint: string }>();

  constructor(root: string) {
    this.root = root;
  }

  /** Everything, sorted by path. */
  async index(): Promise<IndexAnswer> {
    const { found, notes } = await this.#walk();
    const entries = await Promise.all(found.map((each) => this.#knownEntry(each)));
    return {
      folder: basename(this.root) || this.root,
      entries: entries.sort((a, b) => byCodeUnit(a.path, b.path)),
      notes,
    };
  }

  /**
   * The run at a path.
   *
   * @throws HttpProblem 404 where there is none, 403 where a link in it leads out
   */
  async run(path: string): Promise<RunPlace> {
    refuseWayOut(path);
    const parent = await insideOf(this.root, dirname(path));
    const name = basename(path);
    const folder = await insideOf(this.root, path).catch(ignoreMissing);
    const beside = join(parent, `.${name}.partial`);
    const work = await this.#unfinished([beside, ...(folder === null ? [] : [join(folder, `.${name}.partial`)])]);
    const hasRun = folder !== null && (await isThere(join(folder, RUN_FILES.config)));
    if (!hasRun && work === null) throw notFound("run", path);
    for (const each of [...(hasRun ? [folder] : []), ...(work === null ? [] : [work.tree])])
      await refuseLinksOut(this.root, each).catch(ignoreGone);
    return { path, folder: hasRun ? folder : null, work };
  }

  /** @throws HttpProblem 404 where there is none, 403 where a file of it leads out */
  async set(path: string): Promise<SetPlace> {
    refuseWayOut(path);
    const folder = await insideOf(this.root, dirname(path));
    const name = basename(path);
    const files = (await readdir(folder)).filter((file) => file.startsWith(name));
    if (!files.includes(`${name}.json`)) throw notFound("set", path);
    for (const file of files) await refuseLinkOut(this.root, join(folder, file));
    return { path, folder, name };
  }

  /** Real path of an image folder. @throws HttpProblem as {@link set} */
  async dataset(path: string): Promise<string> {
    const folder = await insideOf(this.root, path);
    const description = join(folder, "dataset.json");
    if (!(await isThere(description))) throw notFound("dataset", path);
    await refuseLinkOut(this.root, description);
    return folder;
  }

  /** What an image folder says of itself. @throws HttpProblem as {@link set}; DatasetError where it is damaged */
  async datasetInfo(path: string): Promise<DatasetInfo> {
    const folder = await this.dataset(path);
    return parseDatasetInfo(await readFile(join(folder, "dataset.json"), "utf8"), folder);
  }

  /** Path of the set of this fingerprint; the one of this name first. */
  async setOf({ name, fingerprint }: { name: string; fingerprint: string }): Promise<string | null> {
    const { found } = await this.#walk();
    const paths = found.filter(({ kind }) => kind === "set").map(({ path }) => path);
    const isNamed = (path: string): boolean => basename(path) === name;
    for (const path of [...paths.filter(isNamed), ...paths.filter((each) => !isNamed(each))]) {
      if ((await this.#fingerprint(path)) === fingerprint) return path;
    }
    return null;
  }

  /** `null` of a set that cannot be read. */
  async #fingerprint(path: string): Promise<string | null> {
    const stamp = await this.#stamp({ kind: "set", path });
    const known = this.#fingerprints.get(path);
    if (stamp !== null && known?.stamp === stamp) return known.fingerprint;
    const info = await this.#setInfo(path).catch(() => null);
    if (stamp !== null && info !== null) this.#fingerprints.set(path, { stamp, fingerprint: info.fingerprint });
    return info?.fingerprint ?? null;
  }

  async #setInfo(path: string): Promise<SetInfo> {
    const { folder, name } = await this.set(path);
    return (await readSetInfo(folder, name)).info;
  }

  /** The first work of a run; links are not followed. */
  async #unfinished(folders: readonly string[]): Promise<Unfinished | null> {
    for (const folder of folders) {
      const found = await lstat(folder).catch(() => null);
      if (found?.isDirectory() !== true) continue;
      const work = await unfinishedIn(folder);
      if (work !== null && isOfRun(work)) return work;
    }
    return null;
  }

  /** Every artifact below the root; what links lead to is left out. */
  async #walk(): Promise<{ found: Found[]; notes: string[] }> {
    const found = new Map<string, Found>();
    const notes: string[] = [];
    const add = (kind: Entry["kind"], folder: string): void => {
      const path = relative(this.root, folder).replaceAll(sep, "/") || ".";
      found.set(`${kind} ${path}`, { kind, path });
    };
    let folders = 0;
    const visit = async (folder: string, depth: number): Promise<void> => {
      folders += 1;
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => [] as Dirent[]);
      const names = new Set(entries.filter((entry) => !entry.isSymbolicLink()).map(({ name }) => name));
      const inside = entries.filter((entry) => entry.isDirectory());
      for (const { name } of inside.filter((entry) => isWorkFolder(entry.name))) {
        const work = await unfinishedIn(join(folder, name));
        if (work !== null && isOfRun(work)) add("run", join(folder, work.name));
      }
      if (names.has("dataset.json")) return add("image-folder", folder);
      if (names.has(RUN_FILES.config) && (names.has("manifest.json") || names.has(RUN_FILES.outcome)))
        return add("run", folder);
      for (const name of names)
        if (name.endsWith(".json") && isSetAmong(names, name.slice(0, -5))) add("set", join(folder, name.slice(0, -5)));
      for (const { name } of inside) {
        if (name.startsWith(".") || name === "node_modules") continue;
        if (depth === DEEPEST) notes.push(`${relative(this.root, join(folder, name))} lies too deep`);
        else if (folders < MOST_FOLDERS) await visit(join(folder, name), depth + 1);
      }
    };
    await visit(this.root, 0);
    if (folders >= MOST_FOLDERS) notes.push(`only ${formatCount(MOST_FOLDERS)} folders were looked into`);
    return { found: [...found.values()], notes };
  }

  async #knownEntry(found: Found): Promise<Entry> {
    const key = `${found.kind} ${found.path}`;
    const stamp = await this.#stamp(found);
    const known = this.#known.get(key);
    if (stamp !== null && known?.stamp === stamp) return known.entry;
    const entry = await this.#entry(found);
    if (stamp === null || entry.state !== "finished") this.#known.delete(key);
    else this.#known.set(key, { stamp, entry });
    return entry;
  }

  /** Changes where the description of an artifact does; `null` where one is made, or made anew. */
  async #stamp({ kind, path }: Found): Promise<string | null> {
    const at = join(this.root, path);
    if (kind === "run" && (await isThere(join(dirname(at), `.${basename(at)}.partial`)))) return null;
    const files = {
      run: [RUN_FILES.config, "manifest.json", RUN_FILES.metrics].map((name) => join(at, name)),
      set: [`${at}.json`],
      "image-folder": [join(at, "dataset.json")],
    }[kind];
    const found = await Promise.all(files.map((file) => lstat(file).catch(() => null)));
    return found[0] === null ? null : found.map((each) => `${each?.mtimeMs} ${each?.size} ${each?.ino}`).join(", ");
  }

  async #entry({ kind, path }: Found): Promise<Entry> {
    const entry: Entry = { kind, path, state: "finished", facts: "", accuracy: null, problem: null };
    try {
      if (kind === "image-folder") return { ...entry, facts: await this.#datasetFacts(path) };
      if (kind === "set") return { ...entry, facts: setFacts(await this.#setInfo(path)) };
      return { ...entry, ...(await this.#runFacts(path)) };
    } catch (error) {
      return { ...entry, state: "unreadable", problem: problemOf(error, this) };
    }
  }

  async #datasetFacts(path: string): Promise<string> {
    const { title, total } = await this.datasetInfo(path);
    return `${title}, ${formatCount(total)} images`;
  }

  async #runFacts(path: string): Promise<Pick<Entry, "state" | "facts" | "accuracy">> {
    const place = await this.run(path);
    const work = underWay(place);
    if (work !== null) {
      const { options, data } = identityOf(work);
      const facts = `${options["architecture"] ?? "a network"} on ${data.name}`;
      return { state: work.isAtWork ? "at-work" : "interrupted", facts, accuracy: null };
    }
    const run = await RunFolder.open(place.folder!);
    const { options, data } = run.config;
    const metrics = await run.json(RUN_FILES.metrics, Metrics);
    const folds = run.folds.length === 0 ? "" : `, ${run.folds.length} folds`;
    return {
      state: "finished",
      facts: `${options["architecture"]} on ${data.name}${folds}`,
      accuracy: metrics?.accuracy ?? null,
    };
  }
}

/** The work on a run that is not finished, or is being made anew; `null` where what is there is what there will be. */
export const underWay = ({ folder, work }: RunPlace): Unfinished | null =>
  work !== null && (folder === null || work.isAtWork) ? work : null;

/** What decided a run that is not finished. */
export function identityOf({ identity }: Unfinished): {
  options: Record<string, unknown>;
  data: { name: string; fingerprint: string };
} {
  return identity as never;
}

/** Whether it is a training; sets and image folders are made in work folders too. */
const isOfRun = ({ identity }: Unfinished): boolean =>
  typeof identity?.["options"] === "object" &&
  typeof (identity["data"] as { fingerprint?: unknown } | undefined)?.fingerprint === "string";

/** Whether a folder has arrays of a set of this name. */
const isSetAmong = (names: ReadonlySet<string>, name: string): boolean =>
  PARTS.some((part) => names.has(`${name}_${part}_images.npy`));

function setFacts({ parts, folds, policy }: SetInfo): string {
  const counts = Object.entries(parts).map(([part, { count }]) => `${formatCount(count)} ${part}`);
  const split = folds === undefined ? `policy ${policy}` : `${folds.length} folds, policy ${policy}`;
  return `${counts.join(", ")} images, ${split}`;
}

/** What is wrong with an artifact, for its reader; paths are those of the folder that is shown. */
export function problemOf(error: unknown, { root }: Pick<Catalog, "root">): string {
  const isKnown = error instanceof FerError || error instanceof HttpProblem;
  return isKnown ? error.message.replaceAll(`${root}${sep}`, "") : "It cannot be read";
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

function ignoreMissing(error: unknown): null {
  if (error instanceof HttpProblem && error.statusCode === 404) return null;
  throw error;
}

/** A training ends, and its work folder with it, while it is looked at. */
function ignoreGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}

const notFound = (what: string, path: string): HttpProblem =>
  new HttpProblem(404, { code: "NOT_FOUND", message: `There is no ${what} at ${path}` });
