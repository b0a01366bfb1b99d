/** `history.csv` and `history.jsonl`: one row an epoch, empty (csv) or null (jsonl) where nothing was measured. */
import { join } from "node:path";
import { FormatError } from "../errors.js";
import { writeAtomic } from "../files/write-atomic.js";
import { RUN_FILES } from "./run-files.js";
import { HistoryRow } from "./schema.js";

const COLUMNS = HistoryRow.keyof().options;

/** Writes both files. */
export async function writeHistory(folder: string, rows: readonly HistoryRow[]): Promise<void> {
  const lines = rows.map((row) => COLUMNS.map((column) => row[column] ?? "").join(","));
  await writeAtomic(join(folder, RUN_FILES.historyCsv), `${[COLUMNS.join(","), ...lines].join("\n")}\n`);
  await writeAtomic(join(folder, RUN_FILES.historyLines), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

/**
 * The rows of `history.jsonl`.
 *
 * @throws {@link FormatError} naming the line that is not an epoch, or the epoch that is missing.
 */
export function parseHistory(text: string, path: string): HistoryRow[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line, index) => {
    const bad = (found: string, cause?: unknown): FormatError =>
      new FormatError({
        code: "BAD_RUN",
        subject: path,
        found: `line ${index + 1} ${found}`,
        expected: "one epoch a line, from the first on",
        fix: "Train again",
        cause,
      });
    let row: HistoryRow;
    try {
      row = HistoryRow.parse(JSON.parse(line));
    } catch (cause) {
      throw bad("cannot be read as an epoch", cause);
    }
    if (row.epoch !== index + 1) throw bad(`is epoch ${row.epoch}`);
    return row;
  });
}
