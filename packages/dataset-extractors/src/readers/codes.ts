/** Codes of owners: what each means by a stated table; anything else is refused, since guessing would mislabel everything. */
import { FormatError, type Expression } from "@fer/core";
import type { SkippedInput } from "../items.js";
import { isEmptyCell } from "../files/cells.js";

/** What a code means: an expression, or why it is none. */
export type Meaning = Expression | Omit<SkippedInput, "source">;

/** A code and the table that explains it. */
export interface CodeCell {
  /** File and line, for messages. */
  source: string;
  /** What the cell is, e.g. `the label`. */
  what: string;
  cell: string;
  /** What a code means; `undefined` for one that the owner does not have. Gets the cell without blanks around it. */
  table(code: string): Meaning | undefined;
  /** The codes that there are, for messages. */
  expected: string;
  fix?: string;
}

/**
 * What a cell means. An empty one (or `NaN`, `NULL`) is an item without a label.
 *
 * @throws FormatError for a code that the table does not have.
 */
export function meaningOf({ source, what, cell, table, expected, fix }: CodeCell): Meaning {
  const code = cell.trim();
  const meaning = table(code);
  if (meaning !== undefined) return meaning;
  if (isEmptyCell(code))
    return { reason: "unlabelled", detail: code === "" ? `${what} is empty` : `${what} is "${code}"` };
  throw unknownCode({ source, what, found: code, expected, ...(fix === undefined ? {} : { fix }) });
}

/** A value that the owner does not use. */
export interface UnknownCode {
  /** File and line. */
  source: string;
  what: string;
  found: string;
  expected: string;
  fix?: string;
}

/** The error for a value that the owner's table does not have: the file is not what it is taken for. */
export function unknownCode({ source, what, found, expected, fix }: UnknownCode): FormatError {
  const shown = found.length > 40 ? `${found.slice(0, 40)}...` : found;
  return new FormatError({
    code: "UNKNOWN_CODE",
    subject: source,
    found: `${what} is "${shown}"`,
    expected,
    fix: fix ?? "Use the file as the owner ships it",
    context: { found: shown },
  });
}
