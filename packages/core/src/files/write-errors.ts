/** Errors of the file system in words that say what to do. */
import { sep } from "node:path";
import { FerError, FormatError } from "../errors.js";

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "writing is not permitted",
  EPERM: "writing is not permitted",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file of that name is in the way",
  ENAMETOOLONG: "the path is too long",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

/** Errors that only writing can meet; the others are taken for one where they name a path below `folders`. */
const ONLY_WRITING = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/** What was being written. */
export interface WriteTarget {
  subject: string;
  /** As the user calls it. */
  target: string;
  /** Absolute folders that are written to. */
  folders: readonly string[];
}

/** A system error of writing as a {@link FormatError}; any other error as it is. */
export function explainWriteError(error: unknown, { subject, target, folders }: WriteTarget): unknown {
  if (!(error instanceof Error) || error instanceof FerError) return error;
  const code = codeOf(error);
  const problem = PROBLEMS[code ?? ""];
  const path = pathOf(error);
  const isOurs = path !== undefined && folders.some((folder) => isWithin(path, folder) || isWithin(folder, path));
  if (code === undefined || problem === undefined || !(ONLY_WRITING.has(code) || isOurs)) return error;
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  return new FormatError({
    code: isFull ? "NO_SPACE" : "CANNOT_WRITE",
    subject,
    found: `"${target}" cannot be written: ${problem} (${code})`,
    expected: isFull ? "free space" : "a folder that can be written",
    fix: isFull ? "Free some space and run the same command again" : "Choose another --to, or change its permissions",
    context: { code, path },
    cause: error,
  });
}

/** The system's code; errors of a worker thread arrive with their message only. */
const codeOf = (error: Error): string | undefined =>
  (error as NodeJS.ErrnoException).code ?? /^(E[A-Z]+)\b/.exec(error.message)?.[1];

/** The path that the system names, `... open '/path'` in its message. */
const pathOf = (error: Error): string | undefined =>
  (error as NodeJS.ErrnoException).path ?? /'([^']+)'/.exec(error.message)?.[1];

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);
