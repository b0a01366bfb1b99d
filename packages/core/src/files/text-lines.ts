/**
 * Lines of a text file, one at a time. Takes what users make of an owner's file on Windows: a byte order mark, CRLF,
 * no newline at the end. What cannot be the owner's text (a Git LFS pointer, UTF-16, binary) is refused by name.
 * Memory stays at one line, whatever the size of the file.
 */
import { createReadStream } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { FormatError } from "../errors.js";

/** A line and its number in the file, counted from 1. */
export interface TextLine {
  line: number;
  text: string;
}

/** Bytes or text in pieces of any size: a read stream, or an array in tests. */
export type TextSource = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** A line longer than this (characters) is not a line of an annotation file. */
const LONGEST_LINE = 1 << 26;

/**
 * Reads `source` line by line. Blank lines are kept (their number matters in some formats); the empty piece after a
 * final newline is not a line.
 *
 * @param source Bytes (UTF-8) or text.
 * @param file Name for messages.
 * @throws FormatError for a Git LFS pointer, UTF-16 or binary content, or an endless line.
 * @example
 * ```ts
 * import { textLines } from "@fer/core";
 *
 * for await (const { line, text } of textLines(["a 1\r\nb 2"], "labels.lst")) console.log(line, text);
 * // 1 a 1
 * // 2 b 2
 * ```
 */
export async function* textLines(source: TextSource, file: string): AsyncGenerator<TextLine> {
  const decoder = new StringDecoder("utf8");
  let line = 0;
  let rest = "";
  const next = (text: string): TextLine => {
    line += 1;
    if (line === 1 && text.startsWith("\uFEFF")) text = text.slice(1);
    if (line === 1 && text.startsWith("version https://git-lfs")) throw lfsPointer(file);
    if (text.includes("\0")) throw notText(file, "binary content");
    return { line, text: text.endsWith("\r") ? text.slice(0, -1) : text };
  };
  for await (const piece of source) {
    const text =
      typeof piece === "string" ? piece : decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
    if (line === 0 && rest === "" && typeof piece !== "string") refuseUtf16(piece, file);
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      yield next(rest + text.slice(from, end));
      rest = "";
      from = end + 1;
    }
    rest += text.slice(from);
    if (rest.length > LONGEST_LINE) {
      throw new FormatError({
        code: "LINE_TOO_LONG",
        subject: file,
        found: `line ${line + 1} has more than ${LONGEST_LINE} characters`,
        expected: "a text file with one item a line",
      });
    }
  }
  rest += decoder.end();
  if (rest !== "") yield next(rest);
}

/** {@link textLines} of a file on disk, called `file` in messages, of which `ahead` bytes are read at once. */
export async function* fileLines(
  path: string,
  { file = path, ahead = 1 << 18 }: { file?: string; ahead?: number } = {},
): AsyncGenerator<TextLine> {
  const stream = createReadStream(path, { highWaterMark: ahead });
  try {
    yield* textLines(stream, file);
  } catch (error) {
    throw unreadable(error, file);
  } finally {
    stream.destroy();
  }
}

/** Turns a system error (no such file, no permission, a folder) into a {@link FormatError}; passes others through. */
export function unreadable(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const system = error instanceof Error && typeof code === "string" && "errno" in error;
  if (!system) return error;
  return new FormatError({
    code: "UNREADABLE_FILE",
    subject: file,
    found: `the file cannot be read (${code})`,
    expected: "a readable file",
    fix: code === "EACCES" || code === "EPERM" ? "Check its permissions" : "Check that the path is right",
    context: { file },
    cause: error,
  });
}

function refuseUtf16(bytes: Uint8Array, file: string): void {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw notText(file, "UTF-16 text");
}

function notText(file: string, found: string): FormatError {
  return new FormatError({
    code: "NOT_TEXT",
    subject: file,
    found,
    expected: "UTF-8 or ASCII text",
    fix: "Use the file as the owner ships it, or save it again as UTF-8",
  });
}

/** Whether a file is what Git leaves of one that it stored elsewhere. */
export function isLfsPointer(start: Uint8Array | string): boolean {
  const text = typeof start === "string" ? start : Buffer.from(start.subarray(0, 32)).toString("latin1");
  return text.startsWith("version https://git-lfs");
}

/** The error for a file that Git stored elsewhere and left only a pointer to. */
export function lfsPointer(file: string): FormatError {
  return new FormatError({
    code: "LFS_POINTER",
    subject: file,
    found: "a Git LFS pointer instead of the content",
    expected: "the file itself",
    fix: 'Fetch it with "git lfs pull", or download it from the owner',
  });
}
