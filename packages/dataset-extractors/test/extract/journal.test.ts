import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { JournalWriter, readJournal, type JournalLine } from "../../dist/extract/journal.js";
import { sortedRows } from "../../dist/extract/sorted-rows.js";
import { temporaryFolder } from "../fixtures/tree.js";

const line = (id: string, split: "train" | "test" = "train"): JournalLine =>
  ({ split, id, row: { id, expression: "happy" }, bytes: 3, action: "copied", clipped: false }) as never;

/** A line as it is stored: head, tab, row. */
function stored(id: string): string {
  const { row, ...head } = line(id) as unknown as { row: object };
  return `${JSON.stringify(head)}\t${JSON.stringify(row)}\n`;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}

describe("the journal", () => {
  test("is read back line by line with the place where each ends", async () => {
    const file = path.join(temporaryFolder(), "journal.jsonl");
    const writer = await JournalWriter.open(file, 0);
    for (const id of ["a", "ü", "c"]) await writer.write(line(id));
    await writer.close();
    const read = await all(readJournal(file));
    expect(read.map(({ id }) => id)).toEqual(["a", "ü", "c"]);
    expect(read.at(-1)!.end).toBe(readFileSync(file).length);
  });

  test("ends before a line that a crash cut off, and goes on from there", async () => {
    const file = path.join(temporaryFolder(), "journal.jsonl");
    const [whole, next, last] = ["a", "b", "c"].map(stored);
    for (const torn of [next!.slice(0, 20), next!.slice(0, -1)]) {
      writeFileSync(file, whole!);
      appendFileSync(file, torn);
      const read = await all(readJournal(file));
      expect(read.map(({ id }) => id)).toEqual(["a"]);
      const writer = await JournalWriter.open(file, read[0]!.end);
      await writer.write(line("c"));
      await writer.close();
      expect(readFileSync(file, "utf8")).toBe(`${whole}${last}`);
    }
  });

  test("is empty where there is none", async () => {
    expect(await all(readJournal(path.join(temporaryFolder(), "none.jsonl")))).toEqual([]);
  });
});

describe("sortedRows", () => {
  test.each([10, 50_000])("sorts %i rows by split and id in code units, leaving skips out", async (n) => {
    const dir = temporaryFolder();
    const file = path.join(dir, "journal.jsonl");
    // 48,271 is a primitive root of the prime 2^31 - 1: the ids differ
    const ids = Array.from({ length: n }, (_, i) => `é${((i + 1) * 48271) % 2147483647}`);
    const lines = ids.map((id, i) => line(id, i % 3 === 0 ? "test" : "train"));
    const writer = await JournalWriter.open(file, 0);
    for (const entry of lines) await writer.write(entry);
    await writer.write({ split: "train", id: "s", reason: "bad-box", detail: "x" });
    await writer.close();
    const sorted: Record<string, string[]> = {};
    for await (const { split, rows } of sortedRows(file, path.join(dir, "runs"))) {
      sorted[split] = (await all(rows)).flat().map(({ id }) => id);
    }
    const expected = (test: boolean) => ids.filter((_, i) => (i % 3 === 0) === test).sort();
    expect(Object.keys(sorted)).toEqual(["train", "test"]);
    expect(sorted).toEqual({ train: expected(false), test: expected(true) });
  });
});
