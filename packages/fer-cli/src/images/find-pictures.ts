/** Words of a command line -> pictures and videos: named ones, those of folders at any depth, patterns, and stdin. */
import { once } from "node:events";
import type { Stats } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { byCodeUnit, isAddress, OptionsError } from "@fer/core";
import { isImageName } from "@fer/dataset-extractors/readers";
import { beginsAsVideo, isVideoName } from "@fer/dataset-extractors/video";

/** What stands for the standard input. */
export const STDIN = "-";

/** Whether a word stands for the files that fit it, if it is not one itself. */
export const isPattern = (word: string): boolean => /[*?]/.test(word);

/** A file that may be a picture or a video. */
export interface FoundFile {
  file: string;
  isVideo: boolean;
}

export interface FoundFiles {
  files: FoundFile[];
  /** Files and hidden entries of the folders that do not have the name of a picture or a video. */
  others: number;
}

/**
 * Files that are named or fit a pattern (`*`, `?`, `**`), and the pictures and videos of folders that are named, at any
 * depth, sorted by code unit in each. A folder is entered once, also where links lead to it again. What is named is a video
 * by its name, by how it begins, as a camera, or because all that is named are (`areVideos`).
 *
 * @throws OptionsError where a path does not exist, nothing fits a pattern, or a path is an address.
 */
export async function findPictures(
  paths: readonly string[],
  { areVideos = false }: { areVideos?: boolean } = {},
): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], others: 0 };
  const entered = new Set<string>();
  const addFolder = async (folder: string): Promise<void> => {
    const real = await realpath(folder);
    if (entered.has(real)) return;
    entered.add(real);
    for (const name of (await readdir(folder)).sort(byCodeUnit)) {
      const file = join(folder, name);
      // follows links; one that leads nowhere is not a picture
      const info = name.startsWith(".") ? null : await stat(file).catch(() => null);
      if (info?.isDirectory() === true) await addFolder(file);
      else if (info?.isFile() === true && (isImageName(name) || isVideoName(name)))
        found.files.push({ file, isVideo: isVideoName(name) });
      else found.others += 1;
    }
  };
  for (const path of paths) {
    if (path === STDIN) {
      found.files.push({ file: path, isVideo: areVideos || beginsAsVideo(await stdinBeginning()) });
      continue;
    }
    const info = await stat(path).catch((cause: unknown) => missing(path, cause));
    if (info === null) found.files.push(...(await fitting(path)).map((file) => ({ file, isVideo: isVideoName(file) })));
    else if (info.isDirectory()) await addFolder(path);
    else found.files.push({ file: path, isVideo: areVideos || (await isVideo(path, info)) });
  }
  return found;
}

async function isVideo(path: string, info: Stats): Promise<boolean> {
  if (isVideoName(path) || info.isCharacterDevice()) return true;
  if (!info.isFile()) return false;
  const file = await open(path).catch(() => null);
  if (file === null) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return beginsAsVideo(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** What comes first, and is there once more for whoever reads it. */
async function stdinBeginning(): Promise<Buffer> {
  const { stdin } = process;
  await once(stdin, "readable");
  const first = stdin.read() as Buffer | null;
  if (first === null) return Buffer.alloc(0);
  stdin.unshift(first);
  return first;
}

/** `null` where a path that does not exist is a pattern. */
function missing(path: string, cause: unknown): null {
  const subject = path;
  if (isAddress(path)) {
    throw new OptionsError({
      code: "NO_FILE",
      subject,
      found: "an address",
      expected: "a file, a folder or a pattern",
      fix: "Download it first; nothing is fetched here",
    });
  }
  if (isPattern(path)) return null;
  const isCircle = (cause as NodeJS.ErrnoException).code === "ELOOP";
  const found = isCircle ? "a link that leads in a circle" : "no such file or folder";
  throw new OptionsError({ code: "NO_FILE", subject, found, cause });
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
