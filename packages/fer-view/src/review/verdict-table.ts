/**
 * The table of verdicts: what `fer mislabelled` writes, a person changes and `fer assemble --exclude` reads. A row an image:
 * `sample,verdict,given,suggested,confidence,margin`, and `corrected`, where somebody said what the label should be.
 */
import { csvCell, FormatError, writeAtomic } from "@fer/core";
import { readFile } from "node:fs/promises";
import type { Verdict } from "../protocol.js";

const COLUMNS = ["sample", "verdict", "given", "suggested", "confidence", "margin", "corrected"] as const;
type Column = (typeof COLUMNS)[number];
type Row = Record<Column, string>;

/** What is known of an image beside what is said of it. */
export interface Judged {
  /** Its source, such as `rafdb/train/happy/a.jpg`. */
  sample: string;
  given: string;
  suggested: string;
  confidence: number;
  margin: number;
}

/** A table on disk; changes are made one after another, and each is whole or not there. */
export class VerdictTable {
  readonly path: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** What was said, by sample. @throws FormatError where it is another table */
  async read(): Promise<Map<string, Verdict>> {
    const rows = await this.#rows();
    return new Map(
      [...rows].flatMap(([sample, { verdict, corrected }]) =>
        verdict === "keep" || verdict === "exclude" ? [[sample, { verdict, corrected: corrected || null }]] : [],
      ),
    );
  }

  /**
   * Notes what is said of an image; `null` takes it back. Rows of other images stay as they are.
   *
   * @throws FormatError where it is another table, or cannot be written
   */
  async say({ sample, given, suggested, confidence, margin }: Judged, said: Verdict | null): Promise<void> {
    const change = this.#turn.then(async () => {
      const rows = await this.#rows();
      if (said === null) rows.delete(sample);
      else {
        const figures = { confidence: confidence.toFixed(6), margin: margin.toFixed(6) };
        const row = { sample, verdict: said.verdict, given, suggested, ...figures, corrected: said.corrected ?? "" };
        rows.set(sample, row);
      }
      await writeAtomic(this.path, textOf(rows));
    });
    this.#turn = change.catch(() => undefined);
    return change;
  }

  async #rows(): Promise<Map<string, Row>> {
    const text = await readFile(this.path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    const [names, ...lines] = text.split(/\r?\n/).filter((line) => line !== "");
    if (names === undefined) return new Map();
    const columns = this.#columns(cellsOf(names));
    const rows = new Map<string, Row>();
    for (const [at, line] of lines.entries()) {
      const cells = cellsOf(line);
      if (cells.length !== columns.length)
        throw this.#bad(`row ${at + 1} has ${cells.length} cells`, `${columns.length}`);
      const row = Object.fromEntries(COLUMNS.map((name) => [name, cells[columns.indexOf(name)] ?? ""])) as Row;
      const verdict = row.verdict.trim().toLowerCase();
      if (!["", "keep", "exclude"].includes(verdict))
        throw this.#bad(`row ${at + 1} has the verdict "${row.verdict}"`, "keep or exclude");
      rows.set(row.sample, { ...row, verdict });
    }
    return rows;
  }

  #columns(names: readonly string[]): Column[] {
    const other = names.find((name) => !(COLUMNS as readonly string[]).includes(name));
    if (other !== undefined || !names.includes("sample"))
      throw this.#bad(
        other === undefined ? "it has no column sample" : `it has a column "${other}"`,
        COLUMNS.join(", "),
      );
    return names as Column[];
  }

  #bad(found: string, expected: string): FormatError {
    return new FormatError({
      code: "BAD_VERDICTS",
      subject: "table of verdicts",
      found,
      expected,
      fix: "Name another table: fer view --verdicts <file>",
    });
  }
}

function textOf(rows: ReadonlyMap<string, Row>): string {
  const lines = [...rows.values()].map((row) => COLUMNS.map((name) => csvCell(row[name])).join(","));
  return `${[COLUMNS.join(","), ...lines].join("\n")}\n`;
}

/** Cells of a line, quoted ones without their quotes. */
function cellsOf(line: string): string[] {
  const cells = line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g);
  const found = [...cells].map(([, cell]) =>
    cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!,
  );
  // The end of the line matches once more, as an empty cell.
  return line.endsWith(",") ? found : found.slice(0, -1);
}
