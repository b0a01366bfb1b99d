/**
 * Exports an image folder as Parquet files in the layout of Hugging Face `datasets`: one file a split, a column
 * `image` (struct of the file's bytes and name), a column `label` (class label), and the metadata. Rows stream: memory
 * holds one row group.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DatasetError, EXPRESSIONS, parseOptions, type TaskHooks } from "@fer/core";
import { buildExport } from "@fer/core/artifact";
import {
  type DatasetInfo,
  type MetadataRow,
  SPLITS,
  type Split,
  readDatasetInfo,
  readMetadata,
} from "@fer/core/image-folder";
import { DecoderName } from "../image/decoder-name.js";
import type { ExtractedPicture } from "../image/shows-extracted.js";
import { type PictureFound, statsOfFiles } from "../inspect/files-stats.js";
import { runBatches } from "../threads/run-batches.js";
import { Workers } from "../threads/workers.js";
import { writeImageParquet } from "./image-parquet.js";

export const ExportOptions = z.strictObject({
  to: z.string().min(1).describe("Folder for the exported files"),
  format: z.enum(["parquet"]).default("parquet").describe("File format"),
  workers: Workers,
  decoder: DecoderName.default("jimp").describe("Library that decodes pictures, to see that they are unchanged"),
  overwrite: z.boolean().default(false).describe("Replace an earlier export of other data"),
});
export type ExportOptions = z.infer<typeof ExportOptions>;

export interface ExportResult {
  to: string;
  /** Rows by split. */
  rows: Partial<Record<Split, number>>;
  files: string[];
  /** It was there already, made of the same data. */
  reused: boolean;
}

/** Raised when the same data give other bytes. */
const FORMAT = 1;
/** Pictures a batch of a decoding thread. */
const BATCH = 64;

const TEXT = ["id", "subject", "group", "source", "pixel_hash", "raw_label"] as const;
const NUMBERS = ["valence", "arousal"] as const;

/**
 * Exports an image folder as `<to>/<split>.parquet`, all files at once when the last one is complete. An export of the
 * same data that is there already is kept.
 *
 * @throws OptionsError; DatasetError where `folder` is not an image folder, or a picture has changed since it was
 * extracted; FormatError where another process is at work on `to`, or something else is there
 * @example
 * ```ts
 * import { exportParquet } from "@fer/dataset-extractors";
 *
 * const { files } = await exportParquet("data/my-faces", { to: "parquet/my-faces" });
 * console.log(files);
 * ```
 */
export async function exportParquet(
  folder: string,
  { onProgress, signal, ...input }: z.input<typeof ExportOptions> & TaskHooks,
): Promise<ExportResult> {
  const options = parseOptions(input, { schema: ExportOptions, subject: "export options" });
  const info = await readDatasetInfo(folder);
  const { to, format, overwrite } = options;
  const identity = { format, version: FORMAT, fingerprint: info.fingerprint };
  const splits = SPLITS.filter((split) => info.counts[split] !== undefined);
  const { status } = await buildExport({ to, identity, overwrite, signal }, async (tree) => {
    await writeSplits(tree, { folder, info, splits, options, hooks: { onProgress, signal } });
    return splits.map((split) => `${split}.parquet`);
  });
  const rows = splits.map((split) => [split, Object.values(info.counts[split]!).reduce((a, b) => a + b, 0)]);
  const files = splits.map((split) => join(to, `${split}.parquet`));
  return { to, rows: Object.fromEntries(rows), files, reused: status === "kept" };
}

interface Source {
  folder: string;
  info: DatasetInfo;
  options: ExportOptions;
  hooks: TaskHooks;
}

async function writeSplits(tree: string, { splits, ...source }: Source & { splits: readonly Split[] }): Promise<void> {
  let done = 0;
  for (const split of splits) {
    await writeImageParquet(join(tree, `${split}.parquet`), {
      classes: EXPRESSIONS,
      text: TEXT,
      integers: ["frame"],
      numbers: NUMBERS,
      rows: rowsOf({ ...source, split }, () => {
        done += 1;
        source.hooks.onProgress?.({ stage: "export", done, total: source.info.total, unit: "images" });
      }),
      createdBy: "@fer/dataset-extractors",
    });
  }
}

interface Part extends Source {
  split: Split;
}

/** @throws DatasetError `BAD_IMAGE` where a picture is not the one that was extracted. */
async function* rowsOf(part: Part, onRow: () => void): AsyncGenerator<Record<string, unknown>> {
  const { decoder, workers } = part.options;
  const extracted = (batch: PictureRow[]): ExtractedPicture[] => batch.map(({ picture }) => picture);
  const work = {
    workers,
    signal: part.hooks.signal,
    here: (batch: PictureRow[]) => statsOfFiles(extracted(batch), decoder),
    elsewhere: {
      file: new URL("../inspect/stats-worker.js", import.meta.url),
      data: { decoder },
      pack: (batch: PictureRow[]) => ({ message: extracted(batch) }),
    },
  };
  for await (const { batch, result } of runBatches<PictureRow[], PictureFound[]>(batchesOf(part), work)) {
    for (const [i, { row, picture }] of batch.entries()) {
      const problem = problemOf(result[i]!);
      if (problem !== null) throw badPicture(picture.file, problem);
      const { id, subject, group, source, pixel_hash, raw_label, frame, valence, arousal } = row;
      yield {
        image: { bytes: await readFile(picture.file), path: row.file_name.split("/").at(-1)! },
        label: BigInt(row.label),
        id,
        subject,
        group,
        source,
        pixel_hash,
        raw_label,
        frame: frame === null ? null : BigInt(frame),
        valence,
        arousal,
      };
      onRow();
    }
  }
}

interface PictureRow {
  row: MetadataRow;
  picture: ExtractedPicture;
}

async function* batchesOf({ folder, info, split: wanted }: Part): AsyncGenerator<PictureRow[]> {
  let batch: PictureRow[] = [];
  for await (const { split, row } of readMetadata(folder, info)) {
    if (split !== wanted) continue;
    const file = join(folder, split, row.file_name);
    batch.push({ row, picture: { file, pixelHash: row.pixel_hash, dhash: row.dhash, decoder: info.decoder } });
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function problemOf(found: PictureFound): string | null {
  if (found === "missing") return "it is missing";
  if (found === "undecodable") return "it cannot be decoded";
  return found.isChanged ? "it does not show what was extracted: it has been changed since" : null;
}

const badPicture = (file: string, found: string): DatasetError =>
  new DatasetError({
    code: "BAD_IMAGE",
    subject: file,
    found,
    expected: "the image that the extraction wrote",
    fix: "Extract the dataset again",
    context: { file },
  });
