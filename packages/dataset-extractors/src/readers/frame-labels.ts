/**
 * Frame labels of a video: a header that names the classes in code order, then one integer a line; the first value
 * belongs to frame 1 and every line stands for one frame, also the ones that are not annotated. The header tells the
 * edition, so it is compared whole.
 */
import { FormatError, isLfsPointer, lfsPointer } from "@fer/core";

/** The code of a frame without annotation. */
const NOT_ANNOTATED = -1;

/** Codes by frame: `codes[n - 1]` belongs to frame `n`. */
export interface FrameLabels {
  /** Class names of the header, in code order. */
  classes: string[];
  codes: number[];
}

/**
 * Parses the text of a frame-label file.
 *
 * @param text The whole file.
 * @param file Name for messages.
 * @throws FormatError for a value that is not an integer or has no class, and for a blank line between values.
 */
export function parseFrameLabels(text: string, file: string): FrameLabels {
  if (isLfsPointer(text)) throw lfsPointer(file);
  const lines = text
    .replace(/^\uFEFF/, "")
    .trimEnd()
    .split(/\r?\n/);
  const classes = headerClasses(lines[0]!);
  const bad = (line: number, found: string): FormatError =>
    new FormatError({
      code: "BAD_FRAME_LABEL",
      subject: `${file}, line ${line}`,
      found,
      expected: `an integer from -1 to ${classes.length - 1}, as the header has ${classes.length} classes`,
      context: { line },
    });
  const codes = lines.slice(1).map((cell, index) => {
    const value = cell.trim();
    if (!/^-?\d+$/.test(value)) throw bad(index + 2, value === "" ? "a blank line" : `"${shown(value)}"`);
    const code = Number(value);
    if (code !== NOT_ANNOTATED && (code < 0 || code >= classes.length)) throw bad(index + 2, `"${shown(value)}"`);
    return code;
  });
  return { classes, codes };
}

/** Class names of a header line. */
export function headerClasses(line: string): string[] {
  return line
    .replace(/^\uFEFF/, "")
    .split(",")
    .map((name) => name.trim());
}

const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}...` : text);
