/** Errors of the file system in words that say what to do. */
import { sep } from "node:path";
import { FerError, FormatError, systemRefusal } from "../errors.js";

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
  const refusal = systemRefusal(error);
  if (refusal === null) return error;
  const { code, problem, path } = refusal;
  const isOurs = path !== undefined && folders.some((folder) => isWithin(path, folder) || isWithin(folder, path));
  if (!ONLY_WRITING.has(code) && !isOurs) return error;
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

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);
