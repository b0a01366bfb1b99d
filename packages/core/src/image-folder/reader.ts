/** Reads an image folder without any decoder: `dataset.json` and the metadata rows of every split, checked against its counts. */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatasetError } from "../errors.js";
import { DatasetInfo, MetadataRow, SPLITS, type Split } from "./schema.js";

const EXTRACT = "Extract the dataset again, and pass the folder that was written";

/** `dataset.json` of an image folder. @throws DatasetError where it is missing or of another kind */
export async function readDatasetInfo(folder: string): Promise<DatasetInfo> {
  const file = join(folder, "dataset.json");
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    const missing =
      (cause as NodeJS.ErrnoException).code === "ENOENT" || (cause as NodeJS.ErrnoException).code === "ENOTDIR";
    throw new DatasetError({
      code: "NO_IMAGE_FOLDER",
      subject: folder,
      found: missing ? "there is no dataset.json" : "dataset.json cannot be read as JSON",
      expected: "an image folder as the extractors write it",
      fix: missing ? "Extract the dataset first, and pass the folder that was written" : EXTRACT,
      cause,
    });
  }
  const parsed = DatasetInfo.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new DatasetError({
    code: "BAD_IMAGE_FOLDER",
    subject: file,
    found: `"${issue.path.join(".")}" is wrong (${issue.message})`,
    expected: "the dataset.json of an image folder",
    fix: EXTRACT,
    cause: parsed.error,
  });
}

/** All rows of an image folder with their splits, split by split in file order. @throws DatasetError for bad rows or counts */
export async function* readMetadata(
  folder: string,
  info: DatasetInfo,
): AsyncGenerator<{ split: Split; row: MetadataRow }> {
  for (const split of SPLITS) {
    const perClass = info.counts[split];
    if (perClass === undefined) continue;
    const expected = Object.values(perClass).reduce((a, b) => a + b, 0);
    const file = join(folder, split, "metadata.jsonl");
    let count = 0;
    for await (const line of linesOf(file)) {
      if (line === "") continue;
      count += 1;
      yield { split, row: parseRow(line, file, count) };
    }
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

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause;
    throw new DatasetError({
      code: "NO_METADATA",
      subject: file,
      found: "the file is missing or cannot be read",
      expected: "a row for every image that dataset.json counts",
      fix: EXTRACT,
      cause,
    });
  }
}

function parseRow(line: string, file: string, number: number): MetadataRow {
  try {
    return MetadataRow.parse(JSON.parse(line));
  } catch (cause) {
    const pointer = line.startsWith("version https://git-lfs");
    throw new DatasetError({
      code: pointer ? "LFS_POINTER" : "BAD_METADATA",
      subject: file,
      found: pointer ? "the file is a Git LFS pointer, not the file itself" : `line ${number} is no metadata row`,
      expected: "one JSON object an image",
      fix: pointer ? "Run git lfs pull" : EXTRACT,
      cause,
    });
  }
}
