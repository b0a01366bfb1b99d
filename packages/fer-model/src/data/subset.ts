/**
 * Samples chosen from the parts of a set: what a fold trains on or is tested on. Holds labels, groups and ids (a few
 * bytes a sample); images stay in their files until they are read.
 */
import { PartReader, type PartSource, type SampleRow } from "@fer/core/set";

/** What a thread needs to read the same samples; plain values. */
export interface SubsetPlan {
  sources: readonly PartSource[];
  reader: Uint8Array;
  position: Uint32Array;
  labels: Uint8Array;
}

interface Contents {
  readers: readonly PartReader[];
  /** `[count]` index of the reader of each sample, and the position of the sample in it. */
  reader: Uint8Array;
  position: Uint32Array;
  labels: Uint8Array;
  votes: Float32Array | null;
  groups: readonly (string | null)[];
}

export class Subset {
  readonly classes: readonly string[];
  /** `[size, size, channels]` of one image. */
  readonly shape: readonly [number, number, number];
  readonly #readers: readonly PartReader[];
  readonly #reader: Uint8Array;
  readonly #position: Uint32Array;
  /** `[count]` class indices. */
  readonly labels: Uint8Array;
  /** `[count, classes]` votes of people, not normalised, NaN where unknown; `null` where the set has none. */
  readonly votes: Float32Array | null;
  readonly groups: readonly (string | null)[];

  private constructor({ readers, reader, position, labels, votes, groups }: Contents) {
    this.#readers = readers;
    this.#reader = reader;
    this.#position = position;
    this.labels = labels;
    this.votes = votes;
    this.groups = groups;
    this.classes = readers[0]!.classes;
    this.shape = readers[0]!.shape;
  }

  /** All samples of parts, one part after another. */
  static async of(...readers: [PartReader, ...PartReader[]]): Promise<Subset> {
    const count = readers.reduce((sum, reader) => sum + reader.count, 0);
    const reader = new Uint8Array(count);
    const position = new Uint32Array(count);
    const labels = new Uint8Array(count);
    const groups: (string | null)[] = [];
    const votes: (Float32Array | null)[] = [];
    let at = 0;
    for (const [index, part] of readers.entries()) {
      labels.set(await part.labels(), at);
      for (const group of await part.groups()) groups.push(group);
      votes.push(await part.target("votes"));
      reader.fill(index, at, at + part.count);
      for (let i = 0; i < part.count; i++) position[at + i] = i;
      at += part.count;
    }
    return new Subset({ readers, reader, position, labels, votes: joined(votes), groups });
  }

  /** The samples of a plan, without their groups and votes. */
  static fromPlan({ sources, reader, position, labels }: SubsetPlan): Subset {
    const readers = sources.map((source) => new PartReader(source));
    return new Subset({ readers, reader, position, labels, votes: null, groups: [] });
  }

  plan(): SubsetPlan {
    const sources = this.#readers.map((reader) => reader.source);
    return { sources, reader: this.#reader, position: this.#position, labels: this.labels };
  }

  /** The samples of this subset, then those of another one of the same set. */
  with(other: Subset | null): Subset {
    if (other === null) return this;
    const shifted = other.#reader.map((index) => index + this.#readers.length);
    return new Subset({
      readers: [...this.#readers, ...other.#readers],
      reader: Uint8Array.from([...this.#reader, ...shifted]),
      position: Uint32Array.from([...this.#position, ...other.#position]),
      labels: Uint8Array.from([...this.labels, ...other.labels]),
      votes: joined([this.votes, other.votes]),
      groups: [...this.groups, ...other.groups],
    });
  }

  get count(): number {
    return this.labels.length;
  }

  /** The samples at these positions, in this order. */
  take(positions: ArrayLike<number>): Subset {
    const at = Array.from(positions);
    return new Subset({
      readers: this.#readers,
      reader: Uint8Array.from(at, (i) => this.#reader[i]!),
      position: Uint32Array.from(at, (i) => this.#position[i]!),
      labels: Uint8Array.from(at, (i) => this.labels[i]!),
      votes: this.votes === null ? null : takeRows(this.votes, { at, width: this.classes.length }),
      groups: at.map((i) => this.groups[i]!),
    });
  }

  /**
   * Positions of rows of the part that these are samples of, as often as the rows come and in their order; those of which
   * the sample is not here are passed over.
   */
  positionsOf(rows: Uint32Array): Uint32Array {
    const at = new Map(Array.from(this.#position, (row, position) => [row, position]));
    return Uint32Array.from(
      rows.filter((row) => at.has(row)),
      (row) => at.get(row)!,
    );
  }

  /** Images `[positions.length, size, size, channels]`, raw 0..255. */
  async read(positions: ArrayLike<number>): Promise<Uint8Array> {
    const length = this.shape[0] * this.shape[1] * this.shape[2];
    const out = new Uint8Array(positions.length * length);
    const [only] = this.#readers;
    if (this.#readers.length === 1) {
      return only!.read(
        Uint32Array.from(positions, (i) => this.#position[i]!),
        out,
      );
    }
    for (let i = 0; i < positions.length; i++) {
      const reader = this.#readers[this.#reader[positions[i]!]!]!;
      await reader.read([this.#position[positions[i]!]!], out.subarray(i * length, (i + 1) * length));
    }
    return out;
  }

  /** Pixel hash and group of all samples, those of one reader after another. */
  async *rows(): AsyncGenerator<SampleRow, void, undefined> {
    for (const [index, reader] of this.#readers.entries()) {
      const wanted = new Set<number>();
      for (const [i, position] of this.#position.entries()) if (this.#reader[i] === index) wanted.add(position);
      if (wanted.size === 0) continue;
      let position = 0;
      for await (const row of reader.rows()) if (wanted.has(position++)) yield row;
    }
  }

  /** What the set says of all samples, in their order. */
  async orderedRows(): Promise<SampleRow[]> {
    const byReader = await Promise.all(
      this.#readers.map(async (reader, index) => {
        const rows: SampleRow[] = [];
        if (this.#reader.includes(index)) for await (const row of reader.rows()) rows.push(row);
        return rows;
      }),
    );
    return Array.from(this.#position, (position, i) => byReader[this.#reader[i]!]![position]!);
  }

  /** Ids of all samples. */
  async ids(): Promise<string[]> {
    return (await this.orderedRows()).map(({ id }) => id);
  }

  /** Samples of each class, `[classes]`. */
  support(): number[] {
    const counts = this.classes.map(() => 0);
    for (const label of this.labels) counts[label]!++;
    return counts;
  }
}

/** One array after another; `null` where one of them is not there. */
function joined(parts: readonly (Float32Array | null)[]): Float32Array | null {
  if (parts.includes(null)) return null;
  const out = new Float32Array(parts.reduce((sum, part) => sum + part!.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part!, at);
    at += part!.length;
  }
  return out;
}

/** Rows `[at.length, width]` of an array of rows. */
export function takeRows(
  values: Float32Array,
  { at, width }: { at: readonly number[] | Uint32Array; width: number },
): Float32Array {
  const out = new Float32Array(at.length * width);
  for (const [row, from] of at.entries()) out.set(values.subarray(from * width, (from + 1) * width), row * width);
  return out;
}

/** All positions of a subset, in order. */
export const allOf = (subset: Subset): Uint32Array => Uint32Array.from({ length: subset.count }, (_, i) => i);
