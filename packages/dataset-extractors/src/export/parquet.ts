/**
 * Exports an image folder as Parquet files in the layout of Hugging Face `datasets`: one file a split, a column
 * `image` (struct of the file's bytes and name), a column `label` (class label), and the metadata. Rows stream: memory
 * holds one row group.
 */
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileWriter, parquetWriteRows } from "hyparquet-writer";
import { z } from "zod";
import { EXPRESSIONS, makeFolder, parseOptions, type TaskHooks } from "@fer/core";
import { type DatasetInfo, SPLITS, type Split, readDatasetInfo, readMetadata } from "@fer/core/image-folder";

export const ExportOptions = z.strictObject({
  to: z.string().min(1).describe("Folder for the exported files"),
  format: z.enum(["parquet"]).default("parquet").describe("File format"),
});
export type ExportOptions = z.infer<typeof ExportOptions>;

export interface ExportResult {
  to: string;
  /** Rows by split. */
  rows: Partial<Record<Split, number>>;
  files: string[];
}

/** Rows a row group: what is held in memory. */
const ROW_GROUP = 1000;

const TEXT = ["id", "subject", "group", "source", "pixel_hash", "raw_label"] as const;
const NUMBERS = ["valence", "arousal"] as const;

type SchemaElement = NonNullable<Parameters<typeof parquetWriteRows>[0]["schema"]>[number];
const optional = { repetition_type: "OPTIONAL" } as const;
const SCHEMA: SchemaElement[] = [
  { name: "schema", num_children: 2 + TEXT.length + NUMBERS.length + 1 },
  { name: "image", num_children: 2, ...optional },
  { name: "bytes", type: "BYTE_ARRAY", ...optional },
  { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", ...optional },
  { name: "label", type: "INT64", ...optional },
  ...TEXT.map((name): SchemaElement => ({ name, type: "BYTE_ARRAY", converted_type: "UTF8", ...optional })),
  { name: "frame", type: "INT64", ...optional },
  ...NUMBERS.map((name): SchemaElement => ({ name, type: "DOUBLE", ...optional })),
];

/** The description that `datasets` reads out of a file: which column is an image, and the names of the classes. */
function huggingFaceInfo(): string {
  const value = (dtype: string) => ({ dtype, _type: "Value" });
  return JSON.stringify({
    info: {
      features: {
        image: { _type: "Image" },
        label: { names: EXPRESSIONS, _type: "ClassLabel" },
        ...Object.fromEntries(TEXT.map((name) => [name, value("string")])),
        frame: value("int64"),
        ...Object.fromEntries(NUMBERS.map((name) => [name, value("float64")])),
      },
    },
  });
}

/**
 * Exports an image folder as `<to>/<split>.parquet`. Each file appears when it is complete.
 *
 * @throws OptionsError; DatasetError where `folder` is no image folder
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
  options: z.input<typeof ExportOptions>,
  hooks: TaskHooks = {},
): Promise<ExportResult> {
  const { to } = parseOptions(ExportOptions, options, { subject: "export options" });
  const info = await readDatasetInfo(folder);
  await makeFolder(to);
  const result: ExportResult = { to, rows: {}, files: [] };
  let done = 0;
  for (const split of SPLITS) {
    if (info.counts[split] === undefined) continue;
    const file = join(to, `${split}.parquet`);
    let rows = 0;
    await parquetWriteRows({
      writer: fileWriter(`${file}.part`),
      schema: SCHEMA,
      columns: SCHEMA.filter(({ name }) => !["schema", "bytes", "path"].includes(name)).map(({ name }) => ({ name })),
      rows: rowsOf({ folder, info, split, signal: hooks.signal }, () => {
        rows += 1;
        done += 1;
        hooks.onProgress?.({ stage: "export", done, total: info.total, unit: "images" });
      }),
      rowGroupSize: ROW_GROUP,
      // pictures are compressed already
      codec: "UNCOMPRESSED",
      statistics: false,
      kvMetadata: [{ key: "huggingface", value: huggingFaceInfo() }],
      createdBy: "@fer/dataset-extractors",
    });
    await rename(`${file}.part`, file);
    result.rows[split] = rows;
    result.files.push(file);
  }
  return result;
}

interface Part {
  folder: string;
  info: DatasetInfo;
  split: Split;
  signal: AbortSignal | undefined;
}

async function* rowsOf(part: Part, onRow: () => void): AsyncGenerator<Record<string, unknown>> {
  const { folder, info, signal } = part;
  for await (const { split, row } of readMetadata(folder, info)) {
    if (split !== part.split) continue;
    signal?.throwIfAborted();
    const name = row.file_name.split("/").at(-1)!;
    const { subject, group, source, pixel_hash, raw_label, frame, valence, arousal } = row;
    yield {
      image: { bytes: await readFile(join(folder, split, row.file_name)), path: name },
      label: BigInt(row.label),
      id: row.id,
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
