/** The place a set is written to: what may not be there, and why writing failed. */
import { readFile, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { FerError, FormatError, OptionsError } from "@fer/core";
import { SetInfo, infoFile } from "@fer/core/set";

/** Refuses to write into an image folder, where files of a set would be taken for parts of the dataset. */
export async function refuseInside(to: string, folders: readonly string[]): Promise<void> {
  const target = await nearestReal(resolve(to));
  for (const folder of folders) {
    const path = relative(await nearestReal(resolve(folder)), target);
    if (path.startsWith("..") || isAbsolute(path)) continue;
    throw new OptionsError({
      code: "TO_INSIDE_FROM",
      subject: "assemble",
      found: `"${to}" is inside of the image folder "${folder}"`,
      expected: "a folder of its own for the set",
      fix: "Choose another one, for example features",
    });
  }
}

/** The path with symbolic links resolved as far as it exists. */
async function nearestReal(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await nearestReal(parent), relative(parent, path));
  }
}

/** The json of a set of this name, `null` where there is none or it is not whole. */
export async function readKnown(folder: string, name: string): Promise<{ inputs?: string | undefined } | null> {
  const text = await readFile(infoFile(folder, name), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    return SetInfo.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The error for a set of the same name that is another one. */
export function differentSet(folder: string, name: string): FormatError {
  return new FormatError({
    code: "SET_EXISTS",
    subject: infoFile(folder, name),
    found: "a set of this name was made from other data or with other options",
    expected: "no set of this name, or the same one",
    fix: "Choose another name, or set overwrite (--overwrite) to replace it",
  });
}

const WRITE_PROBLEMS: Record<string, string> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "writing is not permitted",
  EPERM: "writing is not permitted",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file of that name is in the way",
};

/** Turns an error of the file system into one that says what to do. */
export function explainWriteError(to: string): (error: unknown) => never {
  return (error) => {
    const problem =
      error instanceof FerError ? undefined : WRITE_PROBLEMS[(error as NodeJS.ErrnoException)?.code ?? ""];
    if (problem === undefined) throw error;
    throw new FormatError({
      code: "CANNOT_WRITE",
      subject: to,
      found: problem,
      expected: "a folder that the set can be written to",
      fix: "Free space or choose another folder; nothing half-written was left",
      cause: error,
    });
  };
}
