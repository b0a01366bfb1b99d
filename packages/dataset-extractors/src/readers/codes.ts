import { FormatError } from "@fer/core";

/**
 * The error for a code that the owner's table does not have: the file is not what it is taken for, and guessing would
 * mislabel everything.
 *
 * @param source File and line.
 */
export function unknownCode(
  source: string,
  what: string,
  found: string,
  expected: string,
  fix = "Use the file as the owner ships it",
): FormatError {
  const shown = found.length > 40 ? `${found.slice(0, 40)}...` : found;
  return new FormatError({
    code: "UNKNOWN_CODE",
    subject: source,
    found: `${what} is "${shown}"`,
    expected,
    fix,
    context: { found: shown },
  });
}
