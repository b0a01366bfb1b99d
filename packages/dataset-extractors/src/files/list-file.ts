/**
 * Blank-separated list files without a header: `<name> <field> ... <field>`, one item a line, the newline at the end
 * optional. Fields are cut from the right, so that a name may hold blanks.
 */
import { FormatError, type TextLine } from "@fer/core";
import type { Folder } from "../tree/folder.js";

/** A row: the name, and the fields after it. */
export interface ListRow {
  line: number;
  name: string;
  fields: string[];
}

/**
 * Reads a list file whose rows have a name and `fields` fields. Blank lines are passed over.
 *
 * @throws FormatError for a row with fewer fields.
 */
export async function* listRows(
  lines: AsyncIterable<TextLine>,
  { file, fields }: { file: string; fields: number },
): AsyncGenerator<ListRow> {
  for await (const { line, text } of lines) {
    const trimmed = text.trim();
    if (trimmed === "") continue;
    const parts = trimmed.split(/\s+/);
    if (parts.length <= fields)
      throw tooFewFields({ file, line, text: trimmed, found: parts.length, expected: fields + 1 });
    const own = parts.slice(parts.length - fields);
    let end = trimmed.length;
    for (let i = own.length - 1; i >= 0; i--) end = trimmed.lastIndexOf(own[i]!, end - 1);
    yield { line, name: trimmed.slice(0, end).trimEnd(), fields: own };
  }
}

/** Rows of a list file of a folder, each with its source. */
export async function* listTable(
  folder: Folder,
  options: { file: string; fields: number },
): AsyncGenerator<ListRow & { source: string }> {
  for await (const row of listRows(folder.lines(options.file), options))
    yield Object.assign(row, { source: `${options.file}:${row.line}` });
}

interface ShortRow {
  file: string;
  line: number;
  text: string;
  found: number;
  expected: number;
}

function tooFewFields({ file, line, text, found, expected }: ShortRow): FormatError {
  const separator = [",", ";"].find((each) => text.split(each).length >= expected);
  return new FormatError({
    code: "WRONG_ROW_LENGTH",
    subject: `${file}, line ${line}`,
    found: `${found} ${found === 1 ? "field" : "fields"}`,
    expected: `${expected}, separated by blanks`,
    fix:
      separator === undefined
        ? "The file may be cut off: download it again"
        : `Its fields are separated by "${separator}": use the file as the owner ships it, or put blanks there`,
    context: { line, found, expected },
  });
}
