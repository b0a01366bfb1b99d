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
 * import { csvTable, listed, type Folder, type SampleInput, type SkippedInput } from "@fer/dataset-extractors/readers";
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
  { rows, ...listing }: Listing<Row>,
): AsyncGenerator<SampleInput | SkippedInput> {
  const reader = new RowReader(folder, listing);
  for await (const row of rows) {
    const found = reader.find(row);
    const reading = listing.read(row, found.path);
    yield reader.item({ row, found, reading: reading instanceof Promise ? await reading : reading });
  }
}

/** A listing whose rows are in memory and are read without waiting. */
export interface ListingNow<Row extends SourceRow> extends Listing<Row> {
  rows: Iterable<Row>;
  read(row: Row, file: string | undefined): RowReading;
}

/** {@link listed} for rows in memory that are read without waiting: several times as fast. */
export function* listedNow<Row extends SourceRow>(
  folder: Folder,
  { rows, ...listing }: ListingNow<Row>,
): Generator<SampleInput | SkippedInput> {
  const reader = new RowReader(folder, listing);
  for (const row of rows) {
    const found = reader.find(row);
    yield reader.item({ row, found, reading: listing.read(row, found.path) });
  }
}

/** A row with what it names and says. */
interface ReadRow<Row> {
  row: Row;
  found: Lookup;
  reading: RowReading;
}

/** Makes one item of each row, and remembers what has been named. */
class RowReader<Row extends SourceRow> {
  readonly #taken = new Set<string>();
  /** Listed names of files that lie elsewhere than listed. */
  readonly #loose = new Map<string, string>();

  constructor(
    private readonly folder: Folder,
    private readonly listing: Omit<Listing<Row>, "rows">,
  ) {}

  /** The picture that a row names. */
  find(row: Row): Lookup {
    const { picture, byName } = this.listing;
    const name = picture(row);
    if (typeof name !== "string") return name;
    const found = this.folder.find(name, this.listing);
    if (found.path !== undefined && byName !== true && name !== found.path)
      checkName(this.#loose, { name, file: found.path, source: row.source });
    return found;
  }

  item({ row, found: { path: file, problem }, reading }: ReadRow<Row>): SampleInput | SkippedInput {
    const { source } = row;
    if ("reason" in reading) {
      const { reason, detail = null } = reading;
      return file === undefined ? { source, reason, detail } : { source, reason, detail, file };
    }
    if (file === undefined) return { source, reason: "missing-file", detail: problem! };
    const which = this.listing.face?.(row);
    const key = which === undefined ? file : `${file}\n${which}`;
    if (this.#taken.has(key)) {
      const what = which === undefined ? `"${file}"` : `face ${which} of "${file}"`;
      return { source, reason: "invalid", detail: `${what} has a row already`, file };
    }
    this.#taken.add(key);
    return { ...reading, id: reading.id ?? fileStem(file), image: { file }, source };
  }
}

/** `train/1.png` and `val/1.png` are two pictures: where only one file of that name is there, either could be meant. */
function checkName(
  loose: Map<string, string>,
  { name, file, source }: { name: string; file: string; source: string },
): void {
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
