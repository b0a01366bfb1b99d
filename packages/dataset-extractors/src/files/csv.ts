/**
 * Comma (tab, semicolon) separated tables after RFC 4180: quoted cells, doubled quotes, line breaks inside quotes. Streams: a
 * row is an array of cells and its line number, and lines without a quote are cut at the separator, which is what
 * makes a 300 MB table of pixels readable in a second. Whether there is a header is decided by content, never by
 * position.
 */
import { FormatError, type TextLine } from "@fer/core";
import type { Misfit } from "../definition.js";
import type { Folder } from "../tree/folder.js";

/** Cells of a row, and the number of the line it begins on. */
export interface CsvRow {
  line: number;
  cells: string[];
}

/** A row by column name. */
export interface CsvRecord<Name extends string> {
  line: number;
  values: Record<Name, string>;
}

/** What a table is expected to look like. */
export interface CsvColumns<Name extends string> {
  /** Name for messages. */
  file: string;
  /** Columns that must be there, compared without case, blanks around them and stray quotes. */
  required: readonly Name[];
  /** Columns that are read where they are there; `""` elsewhere. */
  optional?: readonly Name[];
  /** All columns in order, for a file that comes without a header. Without it a header is demanded. */
  positional?: readonly (Name | null)[];
}

/** Lines a quoted cell may span before it counts as never closed. */
const LONGEST_CELL = 10_000;

/**
 * Splits lines into rows. Blank lines are passed over.
 *
 * @throws FormatError where a quote is never closed, or text follows a closing quote.
 */
export async function* csvRows(
  lines: AsyncIterable<TextLine>,
  { file, separator = "," }: { file: string; separator?: string },
): AsyncGenerator<CsvRow> {
  let open: { line: number; text: string; lines: number } | null = null;
  for await (const { line, text } of lines) {
    if (open === null && !text.includes('"')) {
      if (text.trim() !== "") yield { line, cells: text.split(separator) };
      continue;
    }
    const row: { line: number; text: string; lines: number } =
      open === null
        ? { line, text, lines: 1 }
        : { line: open.line, text: `${open.text}\n${text}`, lines: open.lines + 1 };
    open = null;
    if (row.lines > 1 && !text.includes('"') && row.lines < LONGEST_CELL) {
      open = row;
      continue;
    }
    const cells = quotedCells(row, { separator, file });
    if (cells !== null) yield { line: row.line, cells };
    else if (row.lines < LONGEST_CELL) open = row;
    else throw neverClosed(file, row.line);
  }
  if (open !== null) throw neverClosed(file, open.line);
}

/**
 * Gives rows the names of their columns. The header is the first row if it holds every required name; otherwise the
 * file has none and `positional` applies.
 *
 * @throws FormatError for a missing or doubled column, and for a row with too few or too many cells.
 */
export async function* csvRecords<Name extends string>(
  rows: AsyncIterable<CsvRow>,
  { file, required, optional = [], positional }: CsvColumns<Name>,
): AsyncGenerator<CsvRecord<Name>> {
  let width = 0;
  let header: string | null = null;
  let columns: [Name, number][] = [];
  for await (const { line, cells } of rows) {
    if (width === 0) {
      width = cells.length;
      const names = cells.map(columnName);
      if (required.every((name) => names.includes(columnName(name)))) {
        header = names.join("\n");
        columns = [...required, ...optional].flatMap((name) => {
          const at = names.indexOf(columnName(name));
          if (at >= 0 && names.includes(columnName(name), at + 1)) throw doubledColumn(file, name);
          return at < 0 ? [] : [[name, at] as [Name, number]];
        });
        continue;
      }
      if (positional === undefined) throw missingColumns(cells, { file, required });
      width = positional.length;
      columns = positional.flatMap((name, at) => (name === null ? [] : [[name, at] as [Name, number]]));
    }
    if (cells.length !== width) throw wrongWidth({ file, line, found: cells.length, expected: width });
    if (header !== null && cells.length < 64 && isShort(cells) && cells.map(columnName).join("\n") === header)
      throw secondHeader(file, line);
    const values = Object.fromEntries(optional.map((name) => [name, ""])) as Record<Name, string>;
    for (const [name, at] of columns) values[name] = cells[at]!;
    yield { line, values };
  }
}

/** A row by column, and where it is. */
export type TableRow<Name extends string> = Record<Name, string> & { source: string };

/**
 * Rows of a csv file of a folder by column name, each with its source.
 *
 * @throws FormatError as {@link csvRecords}.
 */
export async function* csvTable<Name extends string>(
  folder: Folder,
  columns: CsvColumns<Name>,
): AsyncGenerator<TableRow<Name>> {
  const { file } = columns;
  const rows = csvRows(folder.lines(file), { file, separator: await separatorOf(folder, file) });
  for await (const { line, values } of csvRecords(rows, columns))
    yield Object.assign(values, { source: `${file}:${line}` });
}

/**
 * What separates the cells of a file: tabs in a `.tsv`; else commas if there are any in its first line, or tabs, or
 * semicolons, which spreadsheets write where the comma is the decimal sign.
 */
export async function separatorOf(folder: Folder, file: string): Promise<string> {
  const line = (await folder.firstLine(file)).replaceAll(/"[^"]*"/g, "");
  const order = /\.tsv$/i.test(file) ? ["\t"] : [",", "\t", ";"];
  return order.find((separator) => line.includes(separator)) ?? order[0]!;
}

/** Cells of the first line of a csv file. Does not count as reading it. */
export async function firstCells(folder: Folder, file: string): Promise<string[]> {
  return (await folder.firstLine(file)).split(await separatorOf(folder, file));
}

/** Csv files that have all the columns, and the one that has most of them where none has. */
export interface HeadedTables {
  /** Shallowest first. */
  files: string[];
  misfit: Misfit | undefined;
}

/**
 * The csv files of a folder whose first line names all of `columns`. Names are compared without case, blanks around them
 * and stray quotes.
 */
export async function headedTables(folder: Folder, columns: readonly string[]): Promise<HeadedTables> {
  const files: string[] = [];
  let misfit: Misfit | undefined;
  for (const file of folder.findFiles(/\.csv$/i)) {
    const cells = await firstCells(folder, file);
    const found = missingFrom({ file, cells, columns });
    if (found === undefined) files.push(file);
    else if (misfit === undefined || found.near > misfit.near) misfit = found;
  }
  return { files, misfit };
}

/** How near a table is that has none of the columns. */
const LEAST = 0.05;

/** Which of the columns a first row lacks; `undefined` where it lacks none. */
export function missingFrom({
  file,
  cells,
  columns,
}: {
  file: string;
  cells: readonly string[];
  columns: readonly string[];
}): Misfit | undefined {
  const names = new Set(cells.map(columnName));
  const missing = columns.filter((column) => !names.has(columnName(column)));
  if (missing.length === 0) return undefined;
  if (cells.every((cell) => cell.trim() === "")) return { misses: `${file} is empty`, near: LEAST };
  const seen = cells.slice(0, 16).map((cell) => shortened(cell.trim()));
  const more = cells.length > seen.length ? ", ..." : "";
  const lacks = missing.map((name) => `"${name}"`).join(", ");
  return {
    misses: `${file} has the columns ${seen.join(", ")}${more}; ${lacks} ${missing.length === 1 ? "is" : "are"} missing`,
    near: Math.max(LEAST, (columns.length - missing.length) / (columns.length + 1)),
  };
}

const shortened = (cell: string): string => (cell.length > 40 ? `${cell.slice(0, 40)}...` : cell);

/** Whether cells can be names at all: spares a row of pixels the comparison. */
const isShort = (cells: string[]) => cells.every((cell) => cell.length < 200);

/** A column name as compared: lower case, no blanks or quotes around it. */
export function columnName(cell: string): string {
  return cell.replace(/^[\s'"]+|[\s'"]+$/g, "").toLowerCase();
}

/** Cells of a row that holds quotes, or `null` where a quote is still open at its end. */
function quotedCells(
  { line, text }: TextLine,
  { separator, file }: { separator: string; file: string },
): string[] | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const end = text.indexOf(separator, at);
      cells.push(end < 0 ? text.slice(at) : text.slice(at, end));
      if (end < 0) return cells;
      at = end + 1;
      continue;
    }
    let cell = "";
    for (let from = at + 1; ;) {
      const quote = text.indexOf('"', from);
      if (quote < 0) return null;
      cell += text.slice(from, quote);
      at = quote + 1;
      if (text[at] !== '"') break;
      cell += '"';
      from = at + 1;
    }
    cells.push(cell);
    if (at === text.length) return cells;
    if (text[at] !== separator) throw badQuote(file, line);
    at += 1;
  }
}

function neverClosed(file: string, line: number): FormatError {
  return new FormatError({
    code: "OPEN_QUOTE",
    subject: `${file}, line ${line}`,
    found: "a quote that is never closed",
    expected: "a second quote at the end of the cell",
    fix: "The file may be cut off: download it again",
  });
}

function badQuote(file: string, line: number): FormatError {
  return new FormatError({
    code: "BAD_QUOTE",
    subject: `${file}, line ${line}`,
    found: "text after a closing quote",
    expected: "a separator or the end of the line",
  });
}

function doubledColumn(file: string, name: string): FormatError {
  return new FormatError({
    code: "DOUBLED_COLUMN",
    subject: file,
    found: `two columns called "${name}"`,
    expected: "one",
  });
}

function missingColumns(
  cells: string[],
  { file, required }: { file: string; required: readonly string[] },
): FormatError {
  const shown = cells.slice(0, 12).map(shortened);
  return new FormatError({
    code: "MISSING_COLUMN",
    subject: file,
    found: `the first row is "${shown.join(",")}${cells.length > 12 ? ",..." : ""}"`,
    expected: `a header with ${required.join(", ")}`,
  });
}

interface WrongWidth {
  file: string;
  line: number;
  /** Cells. */
  found: number;
  expected: number;
}

function wrongWidth({ file, line, found, expected }: WrongWidth): FormatError {
  return new FormatError({
    code: "WRONG_ROW_LENGTH",
    subject: `${file}, line ${line}`,
    found: `${found} ${found === 1 ? "cell" : "cells"}`,
    expected: `${expected}`,
    fix: found < expected ? "The file may be cut off: download it again" : "Quote cells that hold the separator",
    context: { line, found, expected },
  });
}

function secondHeader(file: string, line: number): FormatError {
  return new FormatError({
    code: "SECOND_HEADER",
    subject: `${file}, line ${line}`,
    found: "the header once more",
    expected: "one header, on top",
    fix: "The file seems to be two files joined: pass the owner's own",
  });
}
