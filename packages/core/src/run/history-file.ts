/** `history.csv` and `history.jsonl`: one row an epoch, empty (csv) or null (jsonl) where nothing was measured. */
import { join } from "node:path";
import { readFile } from "node:fs/promises";
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

/** Reads `history.jsonl`; no rows where there is none (a k-fold run). */
export async function readHistory(folder: string): Promise<HistoryRow[]> {
  const text = await readFile(join(folder, RUN_FILES.historyLines), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => HistoryRow.parse(JSON.parse(line)));
}
