/**
 * Annotations that name pictures: every row becomes one sample or one skip. An adapter says which picture a row names
 * and what the row means; that the picture is there, that no row comes twice and that two rows do not share a picture
 * by chance is looked after here, the same for all. Of several rows about one face the first counts; where they
 * contradict each other, none does. Pictures that no row names are listed by `readForm`.
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
  /** Begins to read the rows; called twice, so that rows that come twice are known beforehand. */
  rows(): AsyncIterable<Row> | Iterable<Row>;
  /** The path that the row gives (looked for in the folder `in`), or the picture itself where the adapter knows better. */
  picture(row: Row): string | Lookup;
  /** Which face of the picture the row is about, where it can show several: its number, or its box. */
  face?(row: Row): string | undefined;
  /** What the row says; `file` is the picture, where it is there. */
  read(row: Row, file: string | undefined): RowReading | Promise<RowReading>;
}

/**
 * Samples and skips of the rows, in their order; those of rows that come twice at the end.
 *
 * @throws DatasetError where two different listed names can only mean one file.
 * @example
 * ```ts
 * import { csvTable, listed, type Folder, type SampleInput, type SkippedInput } from "@fer/dataset-extractors/readers";
 *
 * async function* read(folder: Folder): AsyncGenerator<SampleInput | SkippedInput> {
 *   yield* listed(folder, {
 *     rows: () => csvTable(folder, { file: "labels.csv", required: ["name", "smiles"] }),
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
  const twice = await namedTwice(folder, { rows, ...listing });
  const reader = new RowReader(folder, { listing, twice });
  for await (const row of rows()) {
    const found = reader.find(row);
    const reading = listing.read(row, found.path);
    const item = reader.item({ row, found, reading: reading instanceof Promise ? await reading : reading });
    if (item !== undefined) yield item;
  }
  yield* reader.doubled();
}

/** A listing whose rows are in memory, name each picture once, and are read without waiting. */
export interface ListingNow<Row extends SourceRow> extends Omit<Listing<Row>, "rows"> {
  rows: Iterable<Row>;
  read(row: Row, file: string | undefined): RowReading;
}

/** {@link listed} for rows in memory that are read without waiting: several times as fast. */
export function* listedNow<Row extends SourceRow>(
  folder: Folder,
  { rows, ...listing }: ListingNow<Row>,
): Generator<SampleInput | SkippedInput> {
  const reader = new RowReader(folder, { listing, twice: new Set() });
  for (const row of rows) {
    const found = reader.find(row);
    const item = reader.item({ row, found, reading: listing.read(row, found.path) });
    if (item !== undefined) yield item;
  }
}

/** A row with what it names and says. */
interface ReadRow<Row> {
  row: Row;
  found: Lookup;
  reading: RowReading;
}

/** What a row of several says about one face. */
interface Claim {
  source: string;
  file: string;
  /** The expression, or why the face has none. */
  says: string;
  /** The item that the row would be; none where it is a skip already. */
  item?: SampleInput;
}

/** Reasons that say something about the face, which another row can contradict. */
const ABOUT_THE_FACE: ReadonlySet<string> = new Set([
  "none",
  "uncertain",
  "no-face",
  "unknown",
  "other",
  "compound",
  "multi-label",
]);

/** Faces that more than one row is about. */
async function namedTwice<Row extends SourceRow>(
  folder: Folder,
  { rows, ...listing }: Listing<Row>,
): Promise<Set<string>> {
  const [once, twice] = [new Set<string>(), new Set<string>()];
  for await (const row of rows()) {
    const { path: file } = lookup(folder, { row, listing });
    if (file === undefined) continue;
    const key = faceOf({ row, listing }, file);
    if (once.has(key)) twice.add(key);
    else once.add(key);
  }
  return twice;
}

type RowOf<Row extends SourceRow> = { row: Row; listing: Omit<Listing<Row>, "rows"> };

/** The picture that a row names. */
function lookup<Row extends SourceRow>(folder: Folder, { row, listing }: RowOf<Row>): Lookup {
  const name = listing.picture(row);
  return typeof name === "string" ? folder.find(name, listing) : name;
}

/** The face that a row is about: the picture, and which of those in it. */
function faceOf<Row extends SourceRow>({ row, listing }: RowOf<Row>, file: string): string {
  const which = listing.face?.(row);
  return which === undefined ? file : `${file}\n${which}`;
}

/** Makes one item of each row, and remembers what has been named. */
class RowReader<Row extends SourceRow> {
  readonly #folder: Folder;
  readonly #listing: Omit<Listing<Row>, "rows">;
  /** The rows of faces that several rows are about. */
  readonly #claims: ReadonlyMap<string, Claim[]>;
  /** Listed names of files that lie elsewhere than listed. */
  readonly #loose = new Map<string, string>();

  constructor(folder: Folder, { listing, twice }: { listing: Omit<Listing<Row>, "rows">; twice: ReadonlySet<string> }) {
    this.#folder = folder;
    this.#listing = listing;
    this.#claims = new Map([...twice].map((face) => [face, []]));
  }

  /** The picture that a row names. */
  find(row: Row): Lookup {
    const listing = this.#listing;
    const found = lookup(this.#folder, { row, listing });
    const name = listing.picture(row);
    if (found.path !== undefined && listing.byName !== true && typeof name === "string" && name !== found.path)
      checkName(this.#loose, { name, file: found.path, source: row.source });
    return found;
  }

  /** The item of a row; `undefined` where another row is about the same face, see {@link doubled}. */
  item({ row, found: { path: file, problem }, reading }: ReadRow<Row>): SampleInput | SkippedInput | undefined {
    const { source } = row;
    if ("reason" in reading) {
      const { reason, detail = null } = reading;
      if (file !== undefined && ABOUT_THE_FACE.has(reason))
        this.#claimsOf(row, file)?.push({ source, file, says: reason });
      return file === undefined ? { source, reason, detail } : { source, reason, detail, file };
    }
    if (file === undefined) return { source, reason: "missing-file", detail: problem! };
    const item = { ...reading, id: reading.id ?? fileStem(file), image: { file }, source };
    const claims = this.#claimsOf(row, file);
    if (claims === undefined) return item;
    claims.push({ source, file, says: item.expression, item });
    return undefined;
  }

  /** What has been said about the face of a row, where several rows are about it. */
  #claimsOf(row: Row, file: string): Claim[] | undefined {
    return this.#claims.get(faceOf({ row, listing: this.#listing }, file));
  }

  /** Items of the rows about faces that several rows are about. */
  *doubled(): Generator<SampleInput | SkippedInput> {
    for (const [key, claims] of this.#claims) {
      const which = key.split("\n")[1];
      let isTaken = false;
      for (const { source, file, says, item } of claims) {
        if (item === undefined) continue;
        const what = which === undefined ? `"${file}"` : `face ${which} of "${file}"`;
        const other = claims.find((claim) => claim.says !== says);
        if (other === undefined && !isTaken) yield item;
        else if (other === undefined) yield { source, reason: "invalid", detail: `${what} has a row already`, file };
        else {
          const detail = `${what} is "${says}" here and "${other.says}" in ${other.source}`;
          yield { source, reason: "invalid", detail, file };
        }
        isTaken = true;
      }
    }
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
