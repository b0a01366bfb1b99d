/**
 * Sorts the rows of a journal by split and id without holding them all: runs of bounded size are sorted in memory and
 * written, then merged line by line (external merge sort).
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { byCodeUnit } from "@fer/core";
import { fileLines } from "@fer/core";
import { SPLITS, type Split } from "@fer/core/image-folder";
import { readStored } from "./journal.js";

/** Rows a run: about 3 MB of text. */
const RUN = 4000;
/** Bytes that are read ahead of each run while they are merged. */
const AHEAD = 1 << 15;

/** A row as text, and what it is sorted by. */
interface SortedRow {
  id: string;
  text: string;
}

/** Yields the rows of each split that has any, sorted by id in code units, as lines of JSON without newline, in blocks. */
export async function* sortedRows(
  journal: string,
  scratch: string,
): AsyncGenerator<{ split: Split; rows: AsyncIterable<SortedRow[]> }> {
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch);
  const open = new Map<Split, SortedRow[]>();
  const runs = new Map<Split, string[]>();
  let held = 0;
  const spill = async () => {
    for (const [split, rows] of open) {
      const files = runs.get(split) ?? [];
      runs.set(split, files);
      const file = path.join(scratch, `${split}-${files.length}.jsonl`);
      await writeFile(
        file,
        rows
          .sort(byId)
          .map(({ id, text }) => `${id}\t${text}\n`)
          .join(""),
      );
      files.push(file);
    }
    open.clear();
    held = 0;
  };
  for await (const { head, row } of readStored(journal)) {
    if (row === "") continue;
    const rows = open.get(head.split) ?? [];
    open.set(head.split, rows);
    rows.push({ id: head.id, text: row });
    if (++held >= RUN) await spill();
  }
  const small = runs.size === 0;
  if (!small) await spill();
  for (const split of SPLITS) {
    const rows = small ? open.get(split)?.sort(byId) : undefined;
    const files = runs.get(split);
    if (rows !== undefined) yield { split, rows: fromArray(rows) };
    else if (files !== undefined) yield { split, rows: merge(files) };
  }
  await rm(scratch, { recursive: true, force: true });
}

const byId = (a: SortedRow, b: SortedRow) => byCodeUnit(a.id, b.id);

/** Rows a block: enough to make up for the wait. */
const BLOCK = 512;

async function* fromArray(rows: SortedRow[]): AsyncGenerator<SortedRow[]> {
  for (let from = 0; from < rows.length; from += BLOCK) yield rows.slice(from, from + BLOCK);
}

async function* merge(files: string[]): AsyncGenerator<SortedRow[]> {
  let block: SortedRow[] = [];
  const readers = files.map((file) => rowsOf(file));
  const heads = await Promise.all(readers.map(async (reader) => (await reader.next()).value));
  for (;;) {
    let least = -1;
    for (let i = 0; i < heads.length; i++) {
      const head = heads[i];
      if (head && (least < 0 || byId(head, heads[least]!) < 0)) least = i;
    }
    if (least < 0) break;
    if (block.push(heads[least]!) === BLOCK) {
      yield block;
      block = [];
    }
    heads[least] = (await readers[least]!.next()).value;
  }
  yield block;
}

async function* rowsOf(file: string): AsyncGenerator<SortedRow, undefined> {
  for await (const { text } of fileLines(file, { ahead: AHEAD })) {
    const tab = text.indexOf("\t");
    yield { id: text.slice(0, tab), text: text.slice(tab + 1) };
  }
}
