/**
 * The journal of an extraction under way: one line a sample, in reading order, written after its picture. It is what a
 * restarted extraction reads in step with the adapter, so that nothing finished is decoded twice, and what the
 * metadata is sorted from. Memory does not grow with it.
 */
import { createReadStream } from "node:fs";
import { open, stat, truncate, type FileHandle } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { MetadataRow, SkipReason, Split } from "../image-folder.js";

/** A finished sample: its row and the size of its file, or why it was left out. */
export type JournalLine =
  | { split: Split; id: string; row: MetadataRow; bytes: number; action: string; clipped: boolean }
  | { split: Split; id: string; reason: SkipReason; detail: string };

/** Lines of a journal that are whole; a line cut off by a crash is the end. */
export async function* readJournal(file: string): AsyncGenerator<JournalLine & { end: number }> {
  let end = 0;
  const size = await stat(file).then(
    (info) => info.size,
    () => 0,
  );
  if (size === 0) return;
  const lines = createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity });
  for await (const line of lines) {
    let parsed: JournalLine;
    try {
      parsed = JSON.parse(line) as JournalLine;
    } catch {
      return;
    }
    end += Buffer.byteLength(line) + 1;
    if (end > size) return;
    yield { ...parsed, end };
  }
}

/** Appends lines, a few hundred at a time. */
export class JournalWriter {
  #lines: string[] = [];

  private constructor(private readonly handle: FileHandle) {}

  /** Opens a journal after its first `length` bytes; what follows is cut off. */
  static async open(file: string, length: number): Promise<JournalWriter> {
    const handle = await open(file, "a");
    await truncate(file, length);
    return new JournalWriter(handle);
  }

  async write(line: JournalLine): Promise<void> {
    this.#lines.push(JSON.stringify(line));
    if (this.#lines.length >= 64) await this.flush();
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
