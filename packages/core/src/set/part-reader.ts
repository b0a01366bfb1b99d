/**
 * One part of an assembled set, read on demand: images at random positions straight from the `.npy` file, labels and
 * rows as a whole. Memory stays at the size of a batch however large the part is.
 */
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import { FormatError, OptionsError } from "../errors.js";
import type { TextLine } from "../files/text-lines.js";
import type { NpyDtype } from "../npy/header.js";
import { readOneHotLabels } from "./labels.js";
import { type Part, type PartInfo, SampleRow, type Target } from "./schema.js";
import { readFloats, targetColumns } from "./targets.js";

/** What {@link openSet} found out about a part while checking it. */
export interface PartSource {
  part: Part;
  info: PartInfo;
  classes: readonly string[];
  /** `[size, size, channels]` of one image. */
  shape: readonly [number, number, number];
  dtype: NpyDtype;
  /** Bytes before the first image. */
  dataOffset: number;
  files: { images: string; labels: string; rows: string };
  /** Paths of further arrays. */
  targets?: Partial<Record<Target, string>>;
}

/** Reads one part; get it by `set.part("train")`. */
export class PartReader {
  readonly name: Part;
  readonly info: PartInfo;
  /** Number of samples. */
  readonly count: number;
  /** Class names in label order. */
  readonly classes: readonly string[];
  /** Shape of one image: `[size, size, channels]`. */
  readonly shape: readonly [number, number, number];
  /** Numbers in one image: the product of `shape`. */
  readonly rowLength: number;
  /** Where it reads: plain values, from which a thread makes a reader of its own. */
  readonly source: PartSource;
  #descriptor: number | null = null;
  #scratch = new Uint8Array(0);

  constructor(source: PartSource) {
    this.source = source;
    this.name = source.part;
    this.info = source.info;
    this.count = source.info.count;
    this.classes = source.classes;
    this.shape = source.shape;
    this.rowLength = source.shape[0] * source.shape[1] * source.shape[2];
  }

  /** Class index of every sample, `[count]`. */
  async labels(): Promise<Uint8Array> {
    const labels = await readOneHotLabels(this.source.files.labels, this.classes.length);
    if (labels.length !== this.count) throw this.#mismatch(this.source.files.labels, labels.length);
    return labels;
  }

  /**
   * A further array of the part, `[count, columns]`, NaN in the rows of samples of which it is not known; `null` where
   * the set has none.
   *
   * @param target `votes`: the owner's votes for each class, not normalised; `va`: valence and arousal
   */
  async target(target: Target): Promise<Float32Array | null> {
    const path = this.source.targets?.[target];
    if (path === undefined) return null;
    return readFloats(path, [this.count, targetColumns(target, this)]);
  }

  /** Group of every sample in array order, `null` where unknown. */
  async groups(): Promise<(string | null)[]> {
    const groups: (string | null)[] = [];
    for await (const row of this.rows()) groups.push(row.group);
    return groups;
  }

  /** Id, group, source and pixel hash of every sample, in array order. */
  async *rows(): AsyncGenerator<SampleRow, void, undefined> {
    const file = this.source.files.rows;
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
    let count = 0;
    for await (const line of lines) {
      if (line === "") continue;
      count += 1;
      yield parseRow({ line: count, text: line }, file);
    }
    if (count !== this.count) throw this.#mismatch(file, count);
  }

  /**
   * Images at the given positions, raw 0..255, `[indices.length, size, size, channels]` one after another.
   * Neighbouring positions are read at once. float32 files are rounded to whole grey levels.
   *
   * @param into where to put them, from its start; allocated where it is left out
   * @throws OptionsError for a position outside of the part, FormatError where the file has become shorter, or holds
   * numbers that are not grey levels: outside of 0..255, or scaled to 0..1
   */
  async read(indices: ArrayLike<number>, into?: Uint8Array): Promise<Uint8Array> {
    const length = indices.length * this.rowLength;
    const out = into ?? new Uint8Array(length);
    if (out.length < length) {
      throw new OptionsError({
        code: "BUFFER_TOO_SMALL",
        subject: `part ${this.name}`,
        found: `a buffer of ${out.length} bytes`,
        expected: `at least ${length}, for ${indices.length} images of ${this.rowLength}`,
      });
    }
    let at = 0;
    while (at < indices.length) {
      const first = indices[at]!;
      if (!Number.isInteger(first) || first < 0 || first >= this.count) throw this.#outside(first);
      let run = 1;
      while (at + run < indices.length && indices[at + run] === first + run && first + run < this.count) run += 1;
      this.#readRun(first, out.subarray(at * this.rowLength, (at + run) * this.rowLength));
      at += run;
    }
    return out;
  }

  /** Closes the file; a later read opens it again. */
  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  /** Fills `out` with whole images, from position `first` on. */
  #readRun(first: number, out: Uint8Array): void {
    if (this.source.dtype === "uint8") {
      this.#readBytes(out, this.source.dataOffset + first * this.rowLength);
      return;
    }
    const bytes = out.length * 4;
    if (this.#scratch.length < bytes) this.#scratch = new Uint8Array(bytes);
    this.#readBytes(this.#scratch.subarray(0, bytes), this.source.dataOffset + first * this.rowLength * 4);
    for (let from = 0; from < out.length; from += this.rowLength) {
      const values = new Float32Array(this.#scratch.buffer, 4 * from, this.rowLength);
      const wrong = roundLevels(values, out.subarray(from, from + this.rowLength));
      if (wrong !== null) throw this.#notLevels(first + from / this.rowLength, wrong);
    }
  }

  #notLevels(row: number, found: string): FormatError {
    return new FormatError({
      code: "NOT_GREY_LEVELS",
      subject: this.source.files.images,
      found: `image ${row} has ${found}`,
      expected: "raw grey levels, 0..255",
      fix: "Assemble the set again",
    });
  }

  // Synchronous: a row is a few kilobytes from the page cache (2 µs), a round trip through the thread pool costs 30 µs.
  #readBytes(out: Uint8Array, position: number): void {
    this.#descriptor ??= openSync(this.source.files.images, "r");
    let done = 0;
    while (done < out.length) {
      const bytes = readSync(this.#descriptor, out, done, out.length - done, position + done);
      if (bytes === 0) {
        throw new FormatError({
          code: "TRUNCATED",
          subject: this.source.files.images,
          found: `the file ends at byte ${position + done}`,
          expected: `${this.count} images`,
          fix: "Assemble the set again",
        });
      }
      done += bytes;
    }
  }

  #outside(index: number): OptionsError {
    return new OptionsError({
      code: "INDEX_OUT_OF_RANGE",
      subject: `part ${this.name}`,
      found: `position ${index} was asked for`,
      expected: `whole numbers in [0, ${this.count})`,
    });
  }

  #mismatch(file: string, found: number): FormatError {
    return new FormatError({
      code: "COUNT_MISMATCH",
      subject: file,
      found: `${found} rows`,
      expected: `${this.count}, as the set's json says`,
      fix: "Assemble the set again",
    });
  }
}

/** Whole grey levels of an image; says what keeps its numbers from being some. */
function roundLevels(values: Float32Array, out: Uint8Array): string | null {
  let largest = 0;
  let isWhole = true;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const level = Math.round(value);
    if (!(level >= 0 && level <= 255)) return `the number ${value}`;
    if (value > largest) largest = value;
    if (value !== level) isWhole = false;
    out[i] = level;
  }
  return largest <= 1 && !isWhole ? "numbers of 0..1" : null;
}

function parseRow({ line, text }: TextLine, file: string): SampleRow {
  try {
    return SampleRow.parse(JSON.parse(text));
  } catch (cause) {
    throw new FormatError({
      code: "BAD_ROW",
      subject: file,
      found: `line ${line} is not a sample row`,
      expected: "an object with id, group, source and pixel_hash",
      fix: "Assemble the set again",
      cause,
    });
  }
}
