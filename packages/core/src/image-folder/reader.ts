/**
 * Reads an image folder without any decoder: `dataset.json` and the metadata rows of every split, compared with its
 * manifest and its counts.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { damaged, Manifest, MANIFEST } from "../artifact/manifest.js";
import { DatasetError, FerError } from "../errors.js";
import { type TextLine, textLines } from "../files/text-lines.js";
import { DatasetInfo, MetadataRow, SPLITS, type Split } from "./schema.js";

const DESCRIPTION = "dataset.json";
const EXTRACT = "Extract the dataset again, and pass the folder that was written";

/**
 * `dataset.json` of an image folder, whose other files are all there in their size.
 *
 * @throws DatasetError where it is missing or of another kind, FormatError `DAMAGED` where it or another file has changed
 */
export async function readDatasetInfo(folder: string): Promise<DatasetInfo> {
  const { info, manifest } = await readDescription(folder);
  await manifest?.verify(manifest.files, { read: false });
  return info;
}

/** The same, with the manifest (`null` in a folder of a version that wrote none) and without a look at the other files. */
export async function readDescription(folder: string): Promise<{ info: DatasetInfo; manifest: Manifest | null }> {
  const file = join(folder, DESCRIPTION);
  const manifest = await Manifest.read(folder);
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT" && cause.code !== "ENOTDIR") throw cause;
    if (manifest?.artifact === "image-folder") throw damaged({ path: file, found: "it is missing", cause });
    throw new DatasetError({
      code: "NO_IMAGE_FOLDER",
      subject: folder,
      found: "there is no dataset.json",
      expected: "an image folder as the extractors write it",
      fix: "Extract the dataset first, and pass the folder that was written",
      cause,
    });
  });
  manifest?.check(DESCRIPTION, bytes);
  const info = parseDatasetInfo(bytes.toString("utf8"), folder);
  if (info.manifest && manifest === null) throw damaged({ path: join(folder, MANIFEST), found: "it is missing" });
  return { info, manifest };
}

/**
 * The content of the `dataset.json` of a folder.
 *
 * @throws DatasetError `BAD_IMAGE_FOLDER` where it is damaged or of another kind
 */
export function parseDatasetInfo(text: string, folder: string): DatasetInfo {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DatasetError({
      code: "BAD_IMAGE_FOLDER",
      subject: folder,
      found: "dataset.json cannot be read as JSON",
      expected: "an image folder as the extractors write it",
      fix: EXTRACT,
      cause,
    });
  }
  const parsed = DatasetInfo.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new DatasetError({
    code: "BAD_IMAGE_FOLDER",
    subject: join(folder, DESCRIPTION),
    found: `"${issue.path.join(".")}" is wrong (${issue.message})`,
    expected: "the dataset.json of an image folder",
    fix: EXTRACT,
    cause: parsed.error,
  });
}

/**
 * All rows of an image folder with their splits, split by split in file order. The bytes are hashed on the way: where
 * they are not those that were written, or not as many rows as `dataset.json` counts, the last row is followed by an error.
 *
 * @throws DatasetError for bad rows or counts, FormatError `DAMAGED` for other bytes
 */
export async function* readMetadata(
  folder: string,
  info: DatasetInfo,
): AsyncGenerator<{ split: Split; row: MetadataRow }> {
  const manifest = await Manifest.read(folder);
  for (const split of SPLITS) {
    const perClass = info.counts[split];
    if (perClass === undefined) continue;
    const expected = Object.values(perClass).reduce((a, b) => a + b, 0);
    const name = `${split}/metadata.jsonl`;
    const file = join(folder, split, "metadata.jsonl");
    const hash = createHash("sha256");
    let count = 0;
    for await (const line of linesOf(file, hash)) {
      if (line === "") continue;
      count += 1;
      yield { split, row: parseRow({ line: count, text: line }, file) };
    }
    if (manifest !== null && hash.digest("hex") !== manifest.sha256(name))
      throw damaged({ path: file, found: "its content has changed since it was written" });
    if (count !== expected) {
      throw new DatasetError({
        code: "COUNT_MISMATCH",
        subject: file,
        found: `${count} rows`,
        expected: `${expected}, as dataset.json says`,
        fix: EXTRACT,
      });
    }
  }
}

async function* linesOf(file: string, hash: { update(chunk: Buffer): unknown }): AsyncGenerator<string> {
  try {
    for await (const { text } of textLines(hashed(createReadStream(file, { highWaterMark: 1 << 18 }), hash), file))
      yield text;
  } catch (cause) {
    if (cause instanceof FerError) throw cause;
    throw new DatasetError({
      code: "NO_METADATA",
      subject: file,
      found: `the file cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`,
      expected: "a row for every image that dataset.json counts",
      fix: EXTRACT,
      cause,
    });
  }
}

async function* hashed(
  chunks: AsyncIterable<Buffer>,
  hash: { update(chunk: Buffer): unknown },
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function parseRow({ line, text }: TextLine, file: string): MetadataRow {
  try {
    return MetadataRow.parse(JSON.parse(text));
  } catch (cause) {
    throw new DatasetError({
      code: "BAD_METADATA",
      subject: file,
      found: `line ${line} is not a metadata row`,
      expected: "one JSON object an image",
      fix: EXTRACT,
      cause,
    });
  }
}
