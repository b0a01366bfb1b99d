/**
 * Excel workbooks (.xlsx), through read-excel-file. A password-protected workbook is an OLE container and no zip: it
 * is told apart from a broken one, because only its licensee can open it.
 */
import { readFile } from "node:fs/promises";
import { fromBuffer } from "yauzl";
import { type FerErrorParts, FormatError, isLfsPointer, lfsPointer, unreadable } from "@fer/core";
import type { Folder } from "../tree/folder.js";
import { csvRows, separatorOf, type CsvRow } from "./csv.js";

const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
const ZIP = Buffer.from("PK", "latin1");

/** A workbook that unpacks to more than this (bytes) is not one of the datasets'; it would not fit in memory. */
const LARGEST = 1 << 30;

/**
 * Rows of a sheet of a workbook as text cells; `line` is the row number that Excel shows. Empty rows are passed over.
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
  let rows: readonly (readonly unknown[])[];
  try {
    await checkSize(bytes, file);
    // its reader for Node never ends on some broken zips; the one for any platform reads a Blob and does
    const { readSheet } = await import("read-excel-file/universal");
    rows = await readSheet(new Blob([bytes]), sheet);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw bad({
      subject: file,
      found: "a workbook that cannot be read",
      expected: "an Excel workbook with a sheet of rows",
      cause,
    });
  }
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  for (const [index, row] of rows.entries()) {
    const cells = Array.from({ length: width }, (_, at) =>
      row[at] === null || row[at] === undefined ? "" : String(row[at]),
    );
    if (cells.some((cell) => cell.trim() !== "")) yield { line: index + 1, cells };
  }
}

/** Rows of a table that owners ship as a workbook and users export: `.xlsx` (first sheet), `.csv`, or tabs in `.txt`. */
export async function* sheetRows(folder: Folder, file: string): AsyncGenerator<CsvRow> {
  if (/\.xlsx$/i.test(file)) {
    folder.use(file);
    yield* xlsxRows(folder.absolute(file), { file });
    return;
  }
  const separator = /\.txt$/i.test(file) ? "\t" : await separatorOf(folder, file);
  yield* csvRows(folder.lines(file), { file, separator });
}

/** Cells of the first row; none where the file is empty. Does not count as reading it. */
export async function firstRow(folder: Folder, file: string): Promise<string[]> {
  for await (const { cells } of sheetRows(folder.peek(), file)) return cells;
  return [];
}

function checkContainer(bytes: Buffer, file: string): void {
  if (bytes.subarray(0, OLE.length).equals(OLE)) {
    throw bad({
      subject: file,
      found: "a workbook that is protected by a password (or an old .xls)",
      expected: "an .xlsx without password",
      fix: "Open it with the owner's password and save it without one, or as .csv",
    });
  }
  if (isLfsPointer(bytes)) throw lfsPointer(file);
  if (!bytes.subarray(0, ZIP.length).equals(ZIP))
    throw bad({ subject: file, found: "a file that is not a workbook", expected: "an .xlsx (a zip archive)" });
}

/** Refuses a workbook by the sizes that its zip directory states, before anything is unpacked. */
async function checkSize(bytes: Buffer, file: string): Promise<void> {
  const size = await new Promise<number>((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: false }, (error, zip) => {
      if (error) return reject(error);
      let sum = 0;
      zip.on("entry", (entry: { uncompressedSize: number }) => (sum += entry.uncompressedSize));
      zip.on("end", () => resolve(sum));
      zip.on("error", reject);
    });
  });
  if (size > LARGEST)
    throw bad({ subject: file, found: `a workbook that unpacks to ${size} bytes`, expected: `at most ${LARGEST}` });
}

const bad = (parts: Omit<FerErrorParts, "code">): FormatError => new FormatError({ code: "BAD_WORKBOOK", ...parts });
