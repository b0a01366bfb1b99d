/**
 * The journal of an extraction under way: one line a sample, in reading order, written after its picture. It is what a
 * restarted extraction reads in step with the adapter, so that nothing finished is decoded twice, and what the
 * metadata is sorted from. Memory does not grow with it.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { open, rename, stat, writeFile, type FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fileLines } from "@fer/core";
import type { MetadataRow, SkipReason, Split } from "@fer/core/image-folder";

/** A finished sample: its row and the size of its file, or why it was left out. */
export type JournalLine =
  | { split: Split; id: string; row: MetadataRow; bytes: number; action: string; clipped: boolean; faces?: number }
  | { split: Split; id: string; reason: SkipReason; detail: string };

/** A line as it is stored: what belongs to the picture, a tab, and the metadata row as it will be written. */
export interface StoredLine {
  head: { split: Split; id: string };
  /** JSON of the row; "" for a sample that was left out. */
  row: string;
  /** Where the line ends, in bytes from the start of the file. */
  end: number;
}

/** Lines of a journal that are whole, rows unparsed; a line cut off by a crash is the end. */
export async function* readStored(file: string): AsyncGenerator<StoredLine> {
  let end = 0;
  const size = await stat(file).then(
    (info) => info.size,
    () => 0,
  );
  if (size === 0) return;
  for await (const { text } of fileLines(file)) {
    end += Buffer.byteLength(text) + 1;
    if (end > size) return;
    const tab = text.indexOf("\t");
    yield { head: JSON.parse(text.slice(0, tab)) as StoredLine["head"], row: text.slice(tab + 1), end };
  }
}

/** Lines of a journal that are whole. */
export async function* readJournal(file: string): AsyncGenerator<JournalLine & { end: number }> {
  for await (const { head, row, end } of readStored(file)) {
    yield { ...head, ...(row === "" ? {} : { row: JSON.parse(row) as MetadataRow }), end } as JournalLine & {
      end: number;
    };
  }
}

/** Appends lines, a few dozen at a time. */
export class JournalWriter {
  #lines: string[] = [];

  private constructor(private readonly handle: FileHandle) {}

  /** Opens a journal after its first `length` bytes; what follows is cut off. The file is a new one: an earlier owner may have it open. */
  static async open(file: string, length: number): Promise<JournalWriter> {
    const copy = `${file}.new`;
    await writeFile(copy, "");
    if (length > 0) await pipeline(createReadStream(file, { end: length - 1 }), createWriteStream(copy));
    await rename(copy, file);
    return new JournalWriter(await open(file, "a"));
  }

  async write(line: JournalLine): Promise<void> {
    const { row, ...head } = { row: undefined, ...line };
    this.#lines.push(`${JSON.stringify(head)}\t${row === undefined ? "" : JSON.stringify(row)}`);
    if (this.#lines.length >= 32) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const text = `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    await this.handle.write(text);
  }

  async close(): Promise<void> {
    await this.flush();
    await this.handle.close();
  }
}
