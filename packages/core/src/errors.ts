/**
 * Errors of all @fer packages. A message has four parts: what was looked at, what was found, what was expected,
 * and what to do about it. Subclasses say whose fault it is, `code` says which error it is (stable, for programs).
 */

/** The parts of a message, and what a program may want to know beside it. */
export interface FerErrorParts {
  /** Stable, upper-case name of the error, e.g. `EMPTY_FOLDER`. */
  code: string;
  /** What was looked at: an adapter, a file, an option. */
  subject: string;
  /** What was found there. */
  found: string;
  /** What was expected instead. */
  expected?: string;
  /** What the user can do. */
  fix?: string;
  /** Values behind the message. */
  context?: Record<string, unknown>;
  /** The error that led here. */
  cause?: unknown;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/**
 * Base class of every error that @fer packages throw on purpose.
 *
 * @example
 * ```ts
 * import { FerError } from "@fer/core";
 *
 * const error = new FerError({
 *   code: "EMPTY_FOLDER",
 *   subject: "ckplus",
 *   found: 'no image under "data/ckplus"',
 *   expected: "class-named folders with png or jpg files",
 *   fix: "Pass the folder that contains them",
 * });
 * console.log(error.message);
 * ```
 */
export class FerError extends Error {
  override readonly name: string = "FerError";
  readonly code: string;
  readonly context: Record<string, unknown>;

  constructor(parts: FerErrorParts) {
    const { code, subject, found, expected, fix, context = {}, cause } = parts;
    const text = [sentence(`${subject}: ${found}`)];
    if (expected !== undefined) text.push(sentence(`Expected ${expected}`));
    if (fix !== undefined) text.push(sentence(fix));
    super(text.join(" "), cause === undefined ? undefined : { cause });
    this.code = code;
    this.context = context;
  }
}

/** An option is unknown, malformed or out of range: the caller's fault. */
export class OptionsError extends FerError {
  override readonly name = "OptionsError";
}

/** A dataset on disk is not what its owner ships, or not what was asked for. */
export class DatasetError extends FerError {
  override readonly name = "DatasetError";
}

/** A file or an artifact of ours cannot be read or written: wrong format, truncated, no space. */
export class FormatError extends FerError {
  override readonly name = "FormatError";
}

/** An engine is missing, or failed while training or predicting. */
export class EngineError extends FerError {
  override readonly name = "EngineError";
}

/**
 * The entries of `names` nearest to `name` (Levenshtein distance of at most 3, and at most one more than that of the
 * nearest; at most three, nearest first). Used for "did you mean" in messages.
 */
export function nearest(name: string, names: readonly string[]): string[] {
  const near = names
    .map((candidate) => ({ candidate, distance: distanceOf(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.min(3, Math.ceil(candidate.length / 2)))
    .sort((a, b) => a.distance - b.distance);
  return near
    .filter(({ distance }) => distance <= near[0]!.distance + 1)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** The error for an unknown name: offers the nearest valid names, and lists all of them. */
export function unknownName(name: string, { what, names }: { what: string; names: readonly string[] }): OptionsError {
  const near = nearest(name, names);
  return new OptionsError({
    code: "UNKNOWN_NAME",
    subject: what,
    found: `no ${what} is called "${name}"`,
    expected: `one of ${names.join(", ")}`,
    ...(near.length > 0 ? { fix: `Did you mean ${near.map((n) => `"${n}"`).join(" or ")}?` } : {}),
    context: { name, names },
  });
}

/** Of spelling; a word of several (`vgg` of `fer-vgg`) is as near as one wrong letter. */
const distanceOf = (name: string, candidate: string): number =>
  candidate.split(/[-_ ]/).includes(name) ? 1 : levenshtein(name, candidate);

function levenshtein(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution);
    }
    previous = current;
  }
  return previous[b.length]!;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission is missing",
  EPERM: "permission is missing",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file of that name is in the way",
  EISDIR: "a folder of that name is in the way",
  ENAMETOOLONG: "the path is too long",
  ELOOP: "its links lead in a circle",
  EBUSY: "something else is using it",
  EIO: "the disk does not answer as it should",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

/** What the system refuses, and why. */
export interface SystemRefusal {
  /** As the system has it: `ENOSPC`. */
  code: string;
  /** In words: "the disk is full". */
  problem: string;
  path: string | undefined;
}

/** What an error says of the system; `null` where it is another kind of error, or one that a user can do nothing about. */
export function systemRefusal(error: unknown): SystemRefusal | null {
  if (!(error instanceof Error)) return null;
  const code = codeOf(error);
  const problem = PROBLEMS[code ?? ""];
  return code === undefined || problem === undefined ? null : { code, problem, path: pathOf(error) };
}

/** The system's code; errors of a worker thread arrive with their message only. */
const codeOf = (error: Error): string | undefined =>
  (error as NodeJS.ErrnoException).code ?? /^(E[A-Z]+)\b/.exec(error.message)?.[1];

/** The path that the system names, `... open '/path'` in its message. */
const pathOf = (error: Error): string | undefined =>
  (error as NodeJS.ErrnoException).path ?? /'([^']+)'/.exec(error.message)?.[1];
