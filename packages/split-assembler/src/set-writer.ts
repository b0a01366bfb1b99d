/** Writes the files of a set into a folder, image by image; `<name>.json` last, with the fingerprint of the others. */
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { JsonlWriter } from "@fer/core";
import { type FileEntry, hashFile } from "@fer/core/artifact";
import {
  droppedFile,
  FOLD_PARTS,
  foldFile,
  type FoldRows,
  infoFile,
  oversampledFile,
  type Part,
  partFiles,
  type SampleRow,
  setFiles,
  setFingerprint,
  type SetInfo,
  type Target,
  targetColumns,
  targetFile,
} from "@fer/core/set";
import type { MergedSample } from "./merge/merge.js";
import { writeFloats } from "./npy/floats.js";
import { type ImageDtype, NpyImageWriter } from "./npy/image-writer.js";
import { writeOneHotLabels } from "./npy/labels.js";
import { writeRows } from "./npy/rows.js";
import { oversampledRows } from "./oversampled-rows.js";
import type { Dropped } from "./split.js";

/** A part that is being written. */
interface OpenPart {
  images: NpyImageWriter;
  rows: JsonlWriter;
  labels: Uint8Array;
  /** Further arrays, `[count, columns]`, NaN where nothing is written. */
  targets: Map<Target, Float32Array>;
  written: number;
}

/** What the writer must know before the first sample. */
export interface SetLayout {
  folder: string;
  name: string;
  /** Samples of each part. */
  counts: ReadonlyMap<Part, number>;
  /** `[size, size, channels]`. */
  shape: readonly [number, number, number];
  dtype: ImageDtype;
  classes: readonly string[];
  /** Arrays beside images and labels. */
  targets: readonly Target[];
}

/** What is written of a sample beside its image. */
export interface WrittenSample extends SampleRow, Pick<MergedSample, "label" | "votes" | "valence" | "arousal"> {}

/** Streams samples into the parts of a set; see {@link SetWriter.create}. */
export class SetWriter {
  readonly #layout: SetLayout;
  readonly #parts = new Map<Part, OpenPart>();

  private constructor(layout: SetLayout) {
    this.#layout = layout;
  }

  /** Creates the files; the folder is there. */
  static async create(layout: SetLayout): Promise<SetWriter> {
    const writer = new SetWriter(layout);
    try {
      for (const [part, count] of layout.counts) {
        const files = partFiles(layout, part);
        const images = await NpyImageWriter.create(files.images, {
          dtype: layout.dtype,
          shape: [count, ...layout.shape],
        });
        const rows = await JsonlWriter.create(files.rows);
        const targets = new Map(
          layout.targets.map((target) => [target, new Float32Array(count * targetColumns(target, layout)).fill(NaN)]),
        );
        writer.#parts.set(part, { images, rows, labels: new Uint8Array(count), targets, written: 0 });
      }
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return writer;
  }

  /** Appends a sample to each of its parts. */
  async write(sample: WrittenSample, { image, parts }: { image: Uint8Array; parts: readonly Part[] }): Promise<void> {
    for (const name of parts) {
      const part = this.#parts.get(name)!;
      part.labels[part.written] = sample.label;
      for (const [target, values] of part.targets) {
        const known = this.#known(sample, target);
        if (known !== null) values.set(known, part.written * known.length);
      }
      part.written += 1;
      await part.images.write(image);
      const { id, group, source, pixel_hash } = sample;
      await part.rows.write({ id, group, source, pixel_hash });
    }
  }

  /** Numbers of a sample in an array, `null` where it has none. */
  #known({ votes, valence, arousal }: WrittenSample, target: Target): readonly number[] | null {
    if (target === "votes") return votes === null ? null : votes.slice(0, this.#layout.classes.length);
    return valence === null && arousal === null ? null : [valence ?? NaN, arousal ?? NaN];
  }

  /** Writes the rows of a fold (counted from 1); parts without rows have no file. */
  async writeFold(fold: number, rows: FoldRows): Promise<void> {
    for (const part of FOLD_PARTS)
      if (rows[part].length > 0) await writeRows(foldFile(this.#layout, { fold, part }), rows[part]);
  }

  /** Writes the rows of train in which classes are equally often; `folds` of a set of folds. */
  async writeOversampled(folds: readonly FoldRows[] | null, seed: number): Promise<void> {
    const { labels } = this.#parts.get(folds === null ? "train" : "all")!;
    const trained = folds?.map(({ train }) => train) ?? [Uint32Array.from(labels.keys())];
    for (const [index, rows] of trained.entries())
      await writeRows(
        oversampledFile(this.#layout, folds === null ? null : index + 1),
        oversampledRows(labels, { rows, seed }),
      );
  }

  /** Lists the training samples that were taken out. */
  async writeDropped(dropped: readonly Dropped[]): Promise<void> {
    const list = await JsonlWriter.create(droppedFile(this.#layout));
    for (const { sample, twin, kind, fold } of dropped) {
      const { id, group, key: source, pixelHash: pixel_hash } = sample;
      await list.write({ id, group, source, pixel_hash, kind, twin: twin.key, fold });
    }
    await list.finish();
  }

  /** Closes all files, and writes `<name>.json` with the fingerprint. @returns hashes of the files by name */
  async commit(info: Omit<SetInfo, "fingerprint">): Promise<Map<string, FileEntry>> {
    const layout = this.#layout;
    const hashes = new Map<string, FileEntry>();
    for (const [part, { images, rows, labels, targets }] of this.#parts) {
      const files = partFiles(layout, part);
      // each waits for the disk: all of them at once
      const ends = await Promise.allSettled([
        images.finish().then((entry) => hashes.set(basename(files.images), entry)),
        rows.finish(),
        writeOneHotLabels(files.labels, { labels, classes: layout.classes.length }),
      ]);
      for (const end of ends) if (end.status === "rejected") throw end.reason;
      for (const [target, values] of targets)
        await writeFloats(targetFile(layout, { part, target }), { values, columns: targetColumns(target, layout) });
    }
    const hashOf = async (file: string): Promise<string> => {
      const entry = hashes.get(file) ?? (await hashFile(join(layout.folder, file)));
      hashes.set(file, entry);
      return entry.sha256;
    };
    const fingerprint = await setFingerprint(setFiles(info), hashOf);
    await writeFile(infoFile(layout), `${JSON.stringify({ ...info, fingerprint }, null, 2)}\n`);
    return hashes;
  }

  /** Closes all files: for a run that failed or was stopped. */
  async abort(): Promise<void> {
    for (const { images, rows } of this.#parts.values()) {
      await images.abort().catch(() => {});
      await rows.abort().catch(() => {});
    }
  }
}
