/**
 * The samples of a merge, however many: what decides the split is held in columns, 25 bytes a sample; what is only
 * written (file, id, hashes, votes) lies in a `ByteStore` and is read again where it is asked for, or is kept where the
 * samples are few: writing it down costs as much time as reading it from the image folder.
 */
import { byCodeUnit, ByteStore } from "@fer/core";
import { type DatasetInfo, type MetadataRow, SPLITS, type Split } from "@fer/core/image-folder";
import { join } from "node:path";
import { areAscending, type Items } from "../policies/split-item.js";
import type { MergedSample } from "./merge.js";
import { PixelNumbers } from "./pixel-numbers.js";

/** An image folder of the merge. */
export interface SampleSource {
  /** Absolute path. */
  folder: string;
  info: Pick<DatasetInfo, "groupSpace" | "decoder">;
  /** Its name in keys. */
  prefix: string;
}

/** A row of an image folder, as it goes into the merge. */
export interface AddedRow {
  /** Position in the sources. */
  source: number;
  split: Split;
  row: MetadataRow;
  /** Class index. */
  label: number;
}

/** What is written of a row, in this order. */
type Written = Pick<MetadataRow, "file_name" | "id" | "pixel_hash" | "dhash" | "votes" | "valence" | "arousal">;

/** Bytes that are read of the store at once, where samples are read one after another: those of a class stand near. */
const WINDOW = 1 << 17;
/** Bytes that are read otherwise. */
const JUMP = 1 << 10;
/** Samples up to which each is kept as it is. */
const KEPT = 50_000;
/** Bits of what is known of a sample beside its class. */
const KNOWN = { votes: 1, va: 2 } as const;

/** Columns by row, in the order in which rows were added. */
export class SampleTable {
  readonly #sources: readonly SampleSource[];
  readonly #store = new ByteStore();
  readonly #labels: Uint8Array;
  readonly #splits: Uint8Array;
  readonly #sourceOf: Uint16Array;
  readonly #known: Uint8Array;
  /** Position in the names of groups, from 1; 0 for none. */
  readonly #groupOf: Uint32Array;
  readonly #groups: string[] = [];
  readonly #numberOf = new Map<string, number>();
  /** First row of the same pixels. */
  readonly #pixels: Uint32Array;
  /** Where the written part of each row begins, and where that of the last one ends. */
  readonly #begins: Float64Array;
  #numbers: PixelNumbers | null;
  /** Key of the last row of each class, and classes of which a row came before one with a smaller key. */
  readonly #last = new Map<number, string>();
  readonly #unsorted = new Set<number>();
  /** All samples by row; `null` where they are too many for it. */
  readonly #kept: StoredSample[] | null;
  readonly #window = Buffer.allocUnsafe(WINDOW);
  #windowAt = 0;
  #windowLength = 0;
  #count = 0;

  /** @param capacity most rows that may be added */
  constructor(sources: readonly SampleSource[], capacity: number) {
    this.#sources = sources;
    this.#kept = capacity > KEPT ? null : [];
    this.#labels = new Uint8Array(capacity);
    this.#splits = new Uint8Array(capacity);
    this.#sourceOf = new Uint16Array(capacity);
    this.#known = new Uint8Array(capacity);
    this.#groupOf = new Uint32Array(capacity);
    this.#pixels = new Uint32Array(capacity);
    this.#begins = new Float64Array(capacity + 1);
    this.#numbers = new PixelNumbers(capacity);
  }

  /** Adds a row; there are as many as there is room for at most. */
  add({ source, split, row, label }: AddedRow): void {
    const at = this.#count;
    const key = `${this.#sources[source]!.prefix}/${split}/${row.file_name}`;
    const last = this.#last.get(label);
    if (last !== undefined && byCodeUnit(last, key) > 0) this.#unsorted.add(label);
    this.#last.set(label, key);
    this.#labels[at] = label;
    this.#splits[at] = SPLITS.indexOf(split);
    this.#sourceOf[at] = source;
    const hasVa = row.valence !== null || row.arousal !== null;
    this.#known[at] = (row.votes === null ? 0 : KNOWN.votes) | (hasVa ? KNOWN.va : 0);
    this.#groupOf[at] =
      row.group === null ? 0 : this.#groupNumber(`${this.#sources[source]!.info.groupSpace}/${row.group}`);
    this.#pixels[at] = this.#numbers!.add(row.pixel_hash);
    const { file_name, id, pixel_hash, dhash, votes, valence, arousal } = row;
    if (this.#kept === null) {
      const known = this.#known[at] === 0 ? [] : [votes, valence, arousal];
      this.#store.append(Buffer.from(JSON.stringify([file_name, id, pixel_hash, dhash, ...known])));
    } else {
      const written = { file_name, id, pixel_hash, dhash, votes, valence, arousal };
      this.#kept.push(new StoredSample(this, { row: at, written }));
    }
    this.#count += 1;
    this.#begins[this.#count] = this.#store.length;
  }

  #groupNumber(name: string): number {
    const known = this.#numberOf.get(name);
    if (known !== undefined) return known;
    const number = this.#groups.push(name);
    this.#numberOf.set(name, number);
    return number;
  }

  /** All of them by class, then by key; no more are added. */
  sorted(): Samples {
    this.#numbers = null;
    this.#numberOf.clear();
    const order = new Uint32Array(this.#count);
    const classes = [...this.#last.keys()].sort((a, b) => a - b);
    const begins = new Map<number, number>();
    const sizes = new Map<number, number>();
    for (let row = 0; row < this.#count; row++) sizes.set(this.#labels[row]!, (sizes.get(this.#labels[row]!) ?? 0) + 1);
    let begin = 0;
    for (const label of classes) {
      begins.set(label, begin);
      begin += sizes.get(label)!;
    }
    const next = new Map(begins);
    for (let row = 0; row < this.#count; row++) {
      const label = this.#labels[row]!;
      const at = next.get(label)!;
      order[at] = row;
      next.set(label, at + 1);
    }
    for (const label of this.#unsorted) this.#sortByKey(order.subarray(begins.get(label)!, next.get(label)!));
    return new Samples(this, { rows: order, isOrdered: true });
  }

  #sortByKey(rows: Uint32Array): void {
    const keys = Array.from(rows, (row) => ({ row, key: this.at(row).key }));
    keys.sort((a, b) => byCodeUnit(a.key, b.key));
    for (const [i, { row }] of keys.entries()) rows[i] = row;
  }

  /** The sample of a row. */
  at(row: number): StoredSample {
    return this.#kept?.[row] ?? new StoredSample(this, { row, written: null });
  }

  label(row: number): number {
    return this.#labels[row]!;
  }

  split(row: number): Split {
    return SPLITS[this.#splits[row]!]!;
  }

  source(row: number): SampleSource {
    return this.#sources[this.#sourceOf[row]!]!;
  }

  group(row: number): string | null {
    return this.#groupOf[row] === 0 ? null : this.#groups[this.#groupOf[row]! - 1]!;
  }

  pixels(row: number): number {
    return this.#pixels[row]!;
  }

  hasVotes(row: number): boolean {
    return (this.#known[row]! & KNOWN.votes) !== 0;
  }

  hasVa(row: number): boolean {
    return (this.#known[row]! & KNOWN.va) !== 0;
  }

  /** What is written of a row. */
  written(row: number): Written {
    const text = this.#text(this.#begins[row]!, this.#begins[row + 1]!);
    const [file_name, id, pixel_hash, dhash, votes = null, valence = null, arousal = null] = JSON.parse(text) as [
      string,
      string,
      string,
      string,
      Written["votes"]?,
      (number | null)?,
      (number | null)?,
    ];
    return { file_name, id, pixel_hash, dhash, votes, valence, arousal };
  }

  #text(from: number, to: number): string {
    if (to - from > WINDOW) {
      const alone = Buffer.allocUnsafe(to - from);
      this.#store.read(from, alone);
      return alone.toString("utf8");
    }
    if (from < this.#windowAt || to > this.#windowAt + this.#windowLength) {
      const ahead = from - this.#windowAt - this.#windowLength;
      const wanted = ahead >= 0 && ahead < WINDOW ? WINDOW : Math.max(JUMP, to - from);
      this.#windowAt = from;
      this.#windowLength = Math.min(wanted, this.#store.length - from);
      this.#store.read(from, this.#window.subarray(0, this.#windowLength));
    }
    return this.#window.toString("utf8", from - this.#windowAt, to - this.#windowAt);
  }
}

/** A sample of a table. */
class StoredSample implements MergedSample {
  readonly #table: SampleTable;
  readonly #row: number;
  #known: Written | null;

  /** @param of `written`: what is written of it, where that is known already */
  constructor(table: SampleTable, { row, written }: { row: number; written: Written | null }) {
    this.#table = table;
    this.#row = row;
    this.#known = written;
  }

  get #written(): Written {
    return (this.#known ??= this.#table.written(this.#row));
  }

  get label(): number {
    return this.#table.label(this.#row);
  }

  get split(): Split {
    return this.#table.split(this.#row);
  }

  get group(): string | null {
    return this.#table.group(this.#row);
  }

  get pixels(): number {
    return this.#table.pixels(this.#row);
  }

  get dataset(): string {
    return this.#table.source(this.#row).prefix;
  }

  get decoder(): string {
    return this.#table.source(this.#row).info.decoder;
  }

  get key(): string {
    return `${this.dataset}/${this.split}/${this.#written.file_name}`;
  }

  get file(): string {
    return join(this.#table.source(this.#row).folder, this.split, this.#written.file_name);
  }

  get id(): string {
    return this.#written.id;
  }

  get pixelHash(): string {
    return this.#written.pixel_hash;
  }

  get dhash(): string {
    return this.#written.dhash;
  }

  get hasVotes(): boolean {
    return this.#table.hasVotes(this.#row);
  }

  get hasVa(): boolean {
    return this.#table.hasVa(this.#row);
  }

  get votes(): readonly number[] | null {
    return this.hasVotes ? this.#written.votes : null;
  }

  get valence(): number | null {
    return this.hasVa ? this.#written.valence : null;
  }

  get arousal(): number | null {
    return this.hasVa ? this.#written.arousal : null;
  }
}

/** Samples of a table in an order, as policies and writers walk over them. */
export class Samples implements Items<MergedSample> {
  readonly #table: SampleTable;
  readonly #rows: Uint32Array;
  readonly isOrdered: boolean;

  /** Use {@link SampleTable.sorted}. */
  constructor(table: SampleTable, { rows, isOrdered }: { rows: Uint32Array; isOrdered: boolean }) {
    this.#table = table;
    this.#rows = rows;
    this.isOrdered = isOrdered;
  }

  get length(): number {
    return this.#rows.length;
  }

  at(position: number): MergedSample | undefined {
    const row = this.#rows[position];
    return row === undefined ? undefined : this.#table.at(row);
  }

  *[Symbol.iterator](): IterableIterator<MergedSample> {
    for (const row of this.#rows) yield this.#table.at(row);
  }

  keys(): IterableIterator<number> {
    return this.#rows.keys();
  }

  *entries(): IterableIterator<[number, MergedSample]> {
    for (const [position, row] of this.#rows.entries()) yield [position, this.#table.at(row)];
  }

  /** Those at some positions, in their order. */
  pick(positions: Uint32Array): Samples {
    const rows = positions.map((position) => this.#rows[position]!);
    return new Samples(this.#table, { rows, isOrdered: this.isOrdered && areAscending(positions) });
  }

  /** Those of which something is true. */
  where(is: (sample: MergedSample, position: number) => boolean): Samples {
    const rows = this.#rows.filter((row, position) => is(this.#table.at(row), position));
    return new Samples(this.#table, { rows, isOrdered: this.isOrdered });
  }
}
