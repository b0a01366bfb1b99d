/**
 * JSON beside an image. Keys are compared without case and with `-`, `_` and blanks alike, since owners and readers
 * spell them differently; any key may be absent or null.
 */
import { FormatError, isLfsPointer, lfsPointer, type TextLine } from "@fer/core";

/** An object by normalised key. */
export type Sidecar = Map<string, unknown>;

/**
 * Parses the text of a sidecar into its top-level keys, normalised by {@link sidecarKey}.
 *
 * @throws FormatError when the text is not a JSON object.
 */
export function parseSidecar(text: string, file: string): Sidecar {
  const clean = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (isLfsPointer(clean)) throw lfsPointer(file);
  let value: unknown;
  try {
    value = JSON.parse(clean);
  } catch (cause) {
    throw bad({ file, found: clean.trim() === "" ? "an empty file" : "text that is not JSON", cause });
  }
  const found = sidecarObject(value);
  if (found === null)
    throw bad({ file, found: `JSON of another kind (${Array.isArray(value) ? "array" : typeof value})` });
  return found;
}

/** A nested object by normalised key; `null` where `value` is not an object. */
export function sidecarObject(value: unknown): Sidecar | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value).map(([key, entry]) => [sidecarKey(key), entry]));
}

/** `Human-Label`, `human_label` and `human label` are one key. */
export function sidecarKey(key: string): string {
  return key
    .trim()
    .toLowerCase()
    .replace(/[_\s]+/g, "-");
}

/** Objects of a JSON Lines file by normalised key (see {@link sidecarKey}). Blank lines are passed over. */
export async function* jsonLines(
  lines: AsyncIterable<TextLine>,
  file: string,
): AsyncGenerator<{ line: number; values: Map<string, unknown> }> {
  for await (const { line, text } of lines) {
    if (text.trim() !== "") yield { line, values: parseSidecar(text, `${file}, line ${line}`) };
  }
}

function bad({ file, found, cause }: { file: string; found: string; cause?: unknown }): FormatError {
  return new FormatError({
    code: "BAD_JSON",
    subject: file,
    found,
    expected: "a JSON object",
    fix: "The file may be cut off: download it again",
    cause,
  });
}
