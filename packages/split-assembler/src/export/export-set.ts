/**
 * A set for trainers that read no `.npy`: its images as PNG, with labels and what else is known, in array order.
 *
 *     parquet       <part>.parquet, as Hugging Face `datasets` reads it: image, label, id, group, source, pixel_hash;
 *                   votes_<class>, valence and arousal where the set has them
 *     webdataset    <part>-000000.tar and so on: of each sample <row>.png, <row>.cls (the label) and <row>.json (the rest)
 *
 * Of a set of folds the part `all`, and the rows of each fold: `fold-01_train.npy`.
 */
import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type FerErrorParts, OptionsError, parseOptions, type TaskHooks } from "@fer/core";
import { buildExport } from "@fer/core/artifact";
import { acceptedFingerprint, type AssembledSet, FOLD_PARTS, foldFile, openSet, type PartReader } from "@fer/core/set";
import { writeImageParquet } from "@fer/dataset-extractors";
import { encodePng } from "@fer/dataset-extractors/image";
import { z } from "zod";
import { TarWriter } from "./tar-writer.js";

export const SetExportOptions = z.strictObject({
  to: z.string().min(1).describe("Folder for the exported files"),
  format: z.enum(["parquet", "webdataset"]).default("parquet").describe("File format"),
  shard: z.number().int().min(1).default(10_000).describe("Most images of an archive, for webdataset"),
  overwrite: z.boolean().default(false).describe("Replace an earlier export of other data"),
});
export type SetExportOptions = z.infer<typeof SetExportOptions>;

/** What {@link exportSet} returns. */
export interface SetExport {
  to: string;
  /** Rows by part. */
  rows: Record<string, number>;
  files: string[];
  /** It was there already, made of the same data. */
  reused: boolean;
}

/** Raised when the same set gives other bytes. */
const FORMAT = 1;
/** Images that are read at a time. */
const CHUNK = 256;

/**
 * Exports a set; an export of the same set that is there already is kept.
 *
 * @throws OptionsError; FormatError where the set is damaged, or something else is there
 * @example
 * ```ts
 * import { exportSet } from "@fer/split-assembler";
 *
 * const { files } = await exportSet("features/ckplus", { to: "shards/ckplus", format: "webdataset" });
 * console.log(files[0]); // shards/ckplus/train-000000.tar
 * ```
 */
export async function exportSet(
  path: string,
  { onProgress, signal, ...input }: z.input<typeof SetExportOptions> & TaskHooks,
): Promise<SetExport> {
  const options = parseOptions(input, { schema: SetExportOptions, subject: "export options" });
  const { to, format, shard, overwrite } = options;
  const set = await openSet(path, { verify: true });
  try {
    const fingerprint = await acceptedFingerprint(set);
    const identity = { format, version: FORMAT, fingerprint, ...(format === "webdataset" ? { shard } : {}) };
    const total = set.parts.reduce((sum, part) => sum + set.part(part).count, 0);
    let done = 0;
    const onRow = (): void => {
      done += 1;
      if (done % CHUNK !== 0 && done !== total) return;
      signal?.throwIfAborted();
      onProgress?.({ stage: "export", done, total, unit: "images" });
    };
    const files = filesOf(set, options);
    const { status } = await buildExport({ to, identity, overwrite, signal }, async (tree) => {
      for (const name of set.parts) {
        const part = set.part(name);
        if (format === "parquet") await writeParquet(join(tree, `${name}.parquet`), { part, onRow });
        else await writeShards(tree, { part, shard, onRow });
      }
      for (const { from, file } of foldFiles(set)) await copyFile(from, join(tree, file));
      return files;
    });
    const rows = Object.fromEntries(set.parts.map((part) => [part, set.part(part).count]));
    return { to, rows, files: files.map((file) => join(to, file)), reused: status === "kept" };
  } finally {
    set.close();
  }
}

const shardName = (part: string, shard: number): string => `${part}-${String(shard).padStart(6, "0")}.tar`;

function filesOf(set: AssembledSet, { format, shard }: SetExportOptions): string[] {
  const data = set.parts.flatMap((part) =>
    format === "parquet"
      ? [`${part}.parquet`]
      : Array.from({ length: Math.ceil(set.part(part).count / shard) }, (_, i) => shardName(part, i)),
  );
  return [...data, ...foldFiles(set).map(({ file }) => file)];
}

/** Rows of the folds, under names without that of the set. */
function foldFiles(set: AssembledSet): { from: string; file: string }[] {
  return (set.info.folds ?? []).flatMap((fold, index) =>
    FOLD_PARTS.filter((part) => fold[part] !== null).map((part) => {
      const from = foldFile(set, { fold: index + 1, part });
      return { from, file: basename(from).slice(set.name.length + 1) };
    }),
  );
}

/** A sample as it is exported. */
interface Exported {
  png: Uint8Array;
  label: number;
  text: { id: string; group: string | null; source: string; pixel_hash: string };
  /** Votes by class, valence and arousal; `null` where unknown. */
  numbers: Record<string, number | null>;
}

async function* exported(part: PartReader): AsyncGenerator<Exported> {
  const [height, width, channels] = part.shape;
  if (channels !== 1 && channels !== 3)
    throw notPictures({ subject: `part ${part.name}`, found: `${channels} channels` });
  const labels = await part.labels();
  const votes = await part.target("votes");
  const va = await part.target("va");
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
  let row = 0;
  let pixels: Uint8Array = new Uint8Array();
  for await (const text of part.rows()) {
    const at = row % CHUNK;
    if (at === 0)
      pixels = await part.read(Uint32Array.from({ length: Math.min(CHUNK, part.count - row) }, (_, i) => row + i));
    const data = pixels.slice(at * part.rowLength, (at + 1) * part.rowLength);
    const numbers: Record<string, number | null> = {};
    for (const [k, name] of part.classes.entries())
      if (votes !== null) numbers[`votes_${name}`] = known(votes[row * part.classes.length + k]!);
    if (va !== null) Object.assign(numbers, { valence: known(va[2 * row]!), arousal: known(va[2 * row + 1]!) });
    yield { png: encodePng({ width, height, channels, data }), label: labels[row]!, text, numbers };
    row += 1;
  }
}

interface ExportedPart {
  part: PartReader;
  onRow: () => void;
}

async function writeParquet(file: string, { part, onRow }: ExportedPart): Promise<void> {
  const votes = part.source.targets?.votes === undefined ? [] : part.classes.map((name) => `votes_${name}`);
  await writeImageParquet(file, {
    classes: part.classes,
    text: ["id", "group", "source", "pixel_hash"],
    numbers: [...votes, ...(part.source.targets?.va === undefined ? [] : ["valence", "arousal"])],
    rows: (async function* () {
      let row = 0;
      for await (const { png, label, text, numbers } of exported(part)) {
        yield { image: { bytes: png, path: `${keyOf(row)}.png` }, label: BigInt(label), ...text, ...numbers };
        row += 1;
        onRow();
      }
    })(),
    createdBy: "@fer/split-assembler",
  });
}

async function writeShards(
  tree: string,
  { part, shard, onRow }: ExportedPart & Pick<SetExportOptions, "shard">,
): Promise<void> {
  let row = 0;
  let tar: TarWriter | null = null;
  try {
    for await (const { png, label, text, numbers } of exported(part)) {
      if (row % shard === 0) {
        await tar?.finish();
        tar = await TarWriter.create(join(tree, shardName(part.name, row / shard)));
      }
      const key = keyOf(row);
      await tar!.add(`${key}.png`, png);
      await tar!.add(`${key}.cls`, Buffer.from(String(label)));
      const about = { ...text, expression: part.classes[label]!, ...numbers };
      await tar!.add(`${key}.json`, Buffer.from(JSON.stringify(about)));
      row += 1;
      onRow();
    }
  } catch (error) {
    await tar?.abort();
    throw error;
  }
  await tar?.finish();
}

/** Name of a sample: its row. */
const keyOf = (row: number): string => String(row).padStart(9, "0");

const notPictures = (parts: Pick<FerErrorParts, "subject" | "found">): OptionsError =>
  new OptionsError({ code: "NOT_EXPORTABLE", ...parts, expected: "grey or RGB images" });
