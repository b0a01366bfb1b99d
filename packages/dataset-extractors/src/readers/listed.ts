/**
 * Annotations that name pictures: every row becomes one sample or one skip. An adapter says which picture a row names
 * and what the row means; that the picture is there, that no row comes twice and that two rows do not share a picture
 * by chance is looked after here, the same for all. Pictures that no row names are listed by `readForm`.
 */
import { byCodeUnit, DatasetError } from "@fer/core";
import type { SampleInput, SkippedInput } from "../items.js";
import type { FindOptions, Folder, Lookup } from "../tree/folder.js";
import { fileStem } from "../tree/names.js";

/** What a row says: a sample (file, source and, where it is left out, the file's name as id are filled in), or a skip. */
export type RowReading =
  | (Omit<SampleInput, "id" | "image" | "source"> & { id?: string })
  | Omit<SkippedInput, "source">;

/** A row of an annotation, with the file and line that it is in. */
export interface SourceRow {
  source: string;
}

/** How rows are read. */
export interface Listing<Row extends SourceRow> extends FindOptions {
  rows: AsyncIterable<Row> | Iterable<Row>;
  /** The path that the row gives (looked for in the folder `in`), or the picture itself where the adapter knows better. */
  picture(row: Row): string | Lookup;
  /** Which face of the picture the row is about, where it can show several: its number, or its box. */
  face?(row: Row): string | undefined;
  /** What the row says; `file` is the picture, where it is there. */
  read(row: Row, file: string | undefined): RowReading | Promise<RowReading>;
}

/**
 * Samples and skips of the rows, in their order.
 *
 * @throws DatasetError where two different listed names can only mean one file.
 * @example
 * ```ts
 * import { csvTable, listed, type Folder, type SampleInput, type SkippedInput } from "@fer/dataset-extractors";
 *
 * async function* read(folder: Folder): AsyncGenerator<SampleInput | SkippedInput> {
 *   yield* listed(folder, {
 *     rows: csvTable(folder, { file: "labels.csv", required: ["name", "smiles"] }),
 *     picture: ({ name }) => name,
 *     read: ({ smiles }) => (smiles === "1" ? { expression: "happy" } : { reason: "unlabelled" }),
 *   });
 * }
 * console.log(typeof read); // function
 * ```
 */
export async function* listed<Row extends SourceRow>(
  folder: Folder,
  { rows, picture, face, read, ...find }: Listing<Row>,
): AsyncGenerator<SampleInput | SkippedInput> {
  const taken = new Set<string>();
  /** Listed names of files that lie elsewhere than listed. */
  const loose = new Map<string, string>();
  for await (const row of rows) {
    const { source } = row;
    const name = picture(row);
    const { path: file, problem } = typeof name === "string" ? folder.find(name, find) : name;
    const pending = read(row, file);
    const reading = pending instanceof Promise ? await pending : pending;
    const named = file === undefined ? {} : { file };
    if ("reason" in reading) {
      yield { ...reading, source, ...named };
      continue;
    }
    if (file === undefined) {
      yield { source, reason: "missing-file", detail: problem };
      continue;
    }
    if (typeof name === "string" && !find.byName) checkName(loose, { name, file, source });
    const which = face?.(row);
    const key = which === undefined ? file : `${file}\n${which}`;
    if (taken.has(key)) {
      const picture = `"${typeof name === "string" ? name : file}"`;
      const what = which === undefined ? picture : `face ${which} of ${picture}`;
      yield { source, reason: "invalid", detail: `${what} has a row already`, file };
      continue;
    }
    taken.add(key);
    yield { ...reading, id: reading.id ?? fileStem(file), image: { file }, source };
  }
}

/** `train/1.png` and `val/1.png` are two pictures: where only one file of that name is there, either could be meant. */
function checkName(
  loose: Map<string, string>,
  { name, file, source }: { name: string; file: string; source: string },
): void {
  if (name === file) return;
  const plain = name.trim().replaceAll("\\", "/").replace(/^\.\//, "").toLowerCase();
  if (file.toLowerCase().endsWith(plain)) return;
  const before = loose.get(file);
  if (before === undefined) loose.set(file, plain);
  else if (before !== plain) {
    const names = [before, plain].sort(byCodeUnit).map((each) => `"${each}"`);
    throw new DatasetError({
      code: "ONE_FILE_FOR_TWO_NAMES",
      subject: source,
      found: `${names.join(" and ")} are both listed, and only "${file}" is there`,
      expected: "a file for each listed name",
      fix: "Put the pictures into the folders that the list names",
    });
  }
}
