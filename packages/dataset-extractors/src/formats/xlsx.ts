/**
 * Excel workbooks (.xlsx), through read-excel-file. A password-protected workbook is an OLE container and no zip: it
 * is told apart from a broken one, because only its licensee can open it.
 */
import { readFile } from "node:fs/promises";
import { FormatError } from "../errors.js";
import type { CsvRow } from "./csv.js";
import { lfsPointer, unreadable } from "./text-lines.js";

const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
const ZIP = Buffer.from("PK", "latin1");

/** A workbook larger than this (bytes) is not one of the datasets'; it would not fit in memory when parsed. */
const LARGEST = 256 << 20;

/**
 * Rows of a sheet of a workbook as text cells; `line` is the row number that Excel shows. Empty rows are no rows.
 *
 * @param path The workbook.
 * @param options `file`: name for messages; `sheet`: number from 1, or name.
 * @throws FormatError for a password-protected, broken or foreign file.
 */
export async function* xlsxRows(
  path: string,
  { file = path, sheet = 1 }: { file?: string; sheet?: number | string } = {},
): AsyncGenerator<CsvRow> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(error, file);
  });
  checkContainer(bytes, file);
  const { readSheet } = await import("read-excel-file/node");
  let rows: readonly (readonly unknown[])[];
  try {
    rows = await readSheet(bytes, sheet);
  } catch (cause) {
    throw bad(file, "a workbook that cannot be read", "an Excel workbook with a sheet of rows", undefined, cause);
  }
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  for (const [index, row] of rows.entries()) {
    const cells = Array.from({ length: width }, (_, at) =>
      row[at] === null || row[at] === undefined ? "" : String(row[at]),
    );
    if (cells.some((cell) => cell.trim() !== "")) yield { line: index + 1, cells };
  }
}

function checkContainer(bytes: Buffer, file: string): void {
  if (bytes.subarray(0, OLE.length).equals(OLE)) {
    throw bad(
      file,
      "a workbook that is protected by a password (or an old .xls)",
      "an .xlsx without password",
      "Open it with the owner's password and save it without one, or as .csv",
    );
  }
  if (bytes.toString("latin1", 0, 23) === "version https://git-lfs") throw lfsPointer(file);
  if (!bytes.subarray(0, ZIP.length).equals(ZIP))
    throw bad(file, "a file that is no workbook", "an .xlsx (a zip archive)");
  if (bytes.length > LARGEST) throw bad(file, `${bytes.length} bytes`, `at most ${LARGEST}`);
}

function bad(file: string, found: string, expected: string, fix?: string, cause?: unknown): FormatError {
  return new FormatError({
    code: "BAD_WORKBOOK",
    subject: file,
    found,
    expected,
    ...(fix === undefined ? {} : { fix }),
    ...(cause === undefined ? {} : { cause }),
  });
}
