/** Words of a command line -> picture files: named ones, those of folders at any depth, patterns, and stdin. */
import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { byCodeUnit, OptionsError } from "@fer/core";
import { isImageName } from "@fer/dataset-extractors/readers";

/** What stands for the standard input. */
export const STDIN = "-";

/** Whether a word stands for the files that fit it, if it is not one itself. */
export const isPattern = (word: string): boolean => /[*?]/.test(word);

/** Files that may be pictures. */
export interface FoundFiles {
  files: string[];
  /** Files and hidden entries of the folders that do not have the name of a picture. */
  others: number;
}

/**
 * Files that are named or fit a pattern (`*`, `?`, `**`), and the pictures of folders that are named, at any depth, sorted
 * by code unit in each. A folder is entered once, also where links lead to it again.
 *
 * @throws OptionsError where a path does not exist, nothing fits a pattern, or a path is an address.
 */
export async function findPictures(paths: readonly string[]): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], others: 0 };
  const entered = new Set<string>();
  const addFolder = async (folder: string): Promise<void> => {
    const real = await realpath(folder);
    if (entered.has(real)) return;
    entered.add(real);
    for (const name of (await readdir(folder)).sort(byCodeUnit)) {
      const path = join(folder, name);
      // follows links; one that leads nowhere is not a picture
      const info = name.startsWith(".") ? null : await stat(path).catch(() => null);
      if (info?.isDirectory() === true) await addFolder(path);
      else if (info?.isFile() === true && isImageName(name)) found.files.push(path);
      else found.others += 1;
    }
  };
  for (const path of paths) {
    if (path === STDIN) {
      found.files.push(path);
      continue;
    }
    const info = await stat(path).catch((cause: unknown) => missing(path, cause));
    if (info === null) found.files.push(...(await fitting(path)));
    else if (info.isDirectory()) await addFolder(path);
    else found.files.push(path);
  }
  return found;
}

/** `null` where a path that does not exist is a pattern. */
function missing(path: string, cause: unknown): null {
  const subject = path;
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(path)) {
    throw new OptionsError({
      code: "NO_FILE",
      subject,
      found: "an address",
      expected: "a file, a folder or a pattern",
      fix: "Download it first; nothing is fetched here",
    });
  }
  if (isPattern(path)) return null;
  throw new OptionsError({ code: "NO_FILE", subject, found: "no such file or folder", cause });
}

/** Files whose path fits a pattern, sorted by code unit. */
async function fitting(pattern: string): Promise<string[]> {
  const parts = pattern.split(/[/\\]/);
  const fixed = parts.findIndex(isPattern);
  const start = fixed === 0 ? "." : parts.slice(0, fixed).join(sep) || sep;
  const wanted = expression(parts.slice(fixed).join("/"));
  const depth = parts.includes("**") ? Infinity : parts.length - fixed;
  const files: string[] = [];
  const entered = new Set<string>();
  const look = async (folder: string, below: string): Promise<void> => {
    const real = await realpath(folder).catch(() => null);
    if (real === null || entered.has(real)) return;
    entered.add(real);
    for (const name of (await readdir(folder).catch(() => [])).sort(byCodeUnit)) {
      const inside = below === "" ? name : `${below}/${name}`;
      const path = join(folder, name);
      const info = name.startsWith(".") ? null : await stat(path).catch(() => null);
      if (info?.isDirectory() === true && inside.split("/").length < depth) await look(path, inside);
      else if (info?.isFile() === true && wanted.test(inside)) files.push(path);
    }
  };
  await look(start, "");
  if (files.length > 0) return files;
  throw new OptionsError({
    code: "NO_FILE",
    subject: pattern,
    found: "no file fits the pattern",
    fix: `Look into ${dirname(pattern)}`,
  });
}

/** A pattern as a regular expression: `**` any folders, `*` and `?` within a name. */
const expression = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll(/\*\*\/|\*\*|\*|\?/g, (part) =>
        part === "**/" ? "(?:.*/)?" : part === "**" ? ".*" : part === "*" ? "[^/]*" : "[^/]",
      )}$`,
  );
