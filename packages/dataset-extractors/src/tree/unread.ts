/** What lies in a folder and nobody has read, each with the reason: nothing is passed over in silence. */
import { byCodeUnit } from "@fer/core";
import type { Folder } from "./folder.js";
import { fileExtension, folderOf, howToUnpack, isImageName } from "./names.js";

/** A file, or a folder that stands for all files below it. */
export interface UnreadEntry {
  /** Relative to the folder that was asked. */
  source: string;
  reason: "unlabelled" | "unread";
  detail: string;
}

/** Pictures; other files, by folders of which nothing was read; archives; links that could not be followed. */
export function* unread(folder: Folder): Generator<UnreadEntry> {
  const { files, archives, notes } = folder.whole;
  const read = folder.readOfWhole;
  const here = (path: string) => folder.fromWhole(path);
  const others: string[] = [];
  for (const [at, file] of files.entries()) {
    if (read[at]) continue;
    if (isImageName(file)) yield { source: here(file), reason: "unlabelled", detail: "present, but no row names it" };
    else others.push(file);
  }
  for (const [path, below] of byFolder(files, others)) {
    const [only] = below.length === 1 ? below : [];
    const detail =
      only === undefined
        ? `${below.length} files that this form does not read (${kindsOf(below)})`
        : "a file that this form does not read";
    yield { source: here(only ?? path), reason: "unread", detail };
  }
  for (const file of archives)
    yield {
      source: here(file),
      reason: "unread",
      detail: `it is packed; to read it, unpack it first (${howToUnpack(file)})`,
    };
  for (const { path, detail } of notes) yield { source: here(path), reason: "unread", detail };
}

/** Files by the largest folder that holds nothing but such files; a file elsewhere is by itself. */
function byFolder(all: readonly string[], files: readonly string[]): [string, string[]][] {
  if (files.length === 0) return [];
  const own = new Set(files);
  const mixed = new Set([""]);
  for (const file of all) {
    if (!own.has(file)) for (let dir = folderOf(file); !mixed.has(dir); dir = folderOf(dir)) mixed.add(dir);
  }
  const groups = new Map<string, string[]>();
  for (const file of files) {
    let group = file;
    for (let dir = folderOf(file); !mixed.has(dir); dir = folderOf(dir)) group = dir;
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [file]);
    else known.push(file);
  }
  return [...groups].sort(([a], [b]) => byCodeUnit(a, b));
}

/** `.mat, .txt` */
function kindsOf(files: readonly string[]): string {
  const found = [...new Set(files.map((file) => fileExtension(file).toLowerCase()))].sort(byCodeUnit);
  const shown = found.slice(0, 4).map((extension) => (extension === "" ? "without extension" : `.${extension}`));
  return `${shown.join(", ")}${found.length > 4 ? ", ..." : ""}`;
}
