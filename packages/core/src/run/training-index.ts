/**
 * What a model has seen: the pictures and groups that were trained and validated on, kept in the run so that another
 * set can be held against it when the training set is long gone.
 *
 *     training-index.npy      [n, 16] uint8: first half of the sha256 of each pixel hash, sorted
 *     training-hashes.npy     [n, 8] uint8: difference hashes of the images as the set has them, sorted, each once;
 *                             missing in runs of early versions, and where a network before it does not tell
 *     training-groups.json    names of the groups, sorted
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomic } from "../files/write-atomic.js";
import { decodeNpyHeader } from "../npy/header.js";
import { byCodeUnit } from "../order.js";
import { type NearIndex, nearIndex } from "../twins/near-index.js";
import { rowTexts, sortedRows } from "./byte-rows.js";
import { parseJson, RUN_FILES, toJson } from "./run-files.js";
import type { RunFolder } from "./run-folder.js";
import { z } from "zod";

/** Bytes of a row: two pictures of a billion share one with a chance of 10^-21. */
const WIDTH = 16;

/** Bytes of a difference hash. */
const HASH_WIDTH = 8;

/** What a model has seen. */
export interface TrainingIndex {
  hasPixels(pixelHash: string): boolean;
  /** Whether it has seen an image whose difference hash (16 hex digits) is near; `null` where that is not known. */
  hasNear: ((hash: string) => boolean) | null;
  /** Difference hashes; `null` where they are not known. */
  hashes: ReadonlySet<string> | null;
  /** Rows of the file, as latin1. */
  digests: ReadonlySet<string>;
  groups: ReadonlySet<string>;
  /** sha256 of all of it, hex. */
  fingerprint: string;
}

const digest = (pixelHash: string): Buffer => createHash("sha256").update(pixelHash).digest().subarray(0, WIDTH);

/** What a run has seen. */
interface SeenSamples {
  samples: AsyncIterable<{ pixel_hash: string; group: string | null }>;
  /** Difference hashes of their images, 16 hex digits each, in any order. */
  hashes: Iterable<string>;
  /** What the networks that it started from, or learned from, had seen before. */
  earlier?: TrainingIndex | undefined;
}

/** Writes the index of samples into the folder of a run; returns it. */
export async function writeTrainingIndex(
  folder: string,
  { samples, hashes, earlier }: SeenSamples,
): Promise<TrainingIndex> {
  const rows: Buffer[] = [...(earlier?.digests ?? [])].map((row) => Buffer.from(row, "latin1"));
  const groups = new Set(earlier?.groups);
  for await (const { pixel_hash, group } of samples) {
    const row = digest(pixel_hash);
    if (earlier?.digests.has(row.toString("latin1")) !== true) rows.push(row);
    if (group !== null) groups.add(group);
  }
  const files = {
    index: sortedRows(rows, WIDTH),
    groups: Buffer.from(toJson([...groups].sort(byCodeUnit))),
    hashes: earlier?.hashes === null ? null : sortedRows(hashRows([...hashes, ...(earlier?.hashes ?? [])]), HASH_WIDTH),
  };
  await writeAtomic(join(folder, RUN_FILES.trainingIndex), files.index);
  if (files.hashes !== null) await writeAtomic(join(folder, RUN_FILES.trainingHashes), files.hashes);
  await writeAtomic(join(folder, RUN_FILES.trainingGroups), files.groups);
  return indexOf(folder, files);
}

/** Each hash once. */
const hashRows = (hashes: readonly string[]): Buffer[] =>
  Array.from(new Set(hashes), (hash) => Buffer.from(hash, "hex"));

/** What several networks have seen together. */
export function joinTrainingIndexes(indexes: readonly TrainingIndex[]): TrainingIndex {
  const fingerprints = indexes.map(({ fingerprint }) => fingerprint);
  return {
    digests: new Set(indexes.flatMap(({ digests }) => [...digests])),
    hasPixels: (pixelHash) => indexes.some((index) => index.hasPixels(pixelHash)),
    ...nearness(indexes.some(({ hashes }) => hashes === null) ? null : indexes.flatMap(({ hashes }) => [...hashes!])),
    groups: new Set(indexes.flatMap(({ groups }) => [...groups])),
    fingerprint: createHash("sha256").update(fingerprints.join("\n")).digest("hex"),
  };
}

/** The index of a run; `null` where it keeps none. @throws FormatError where it is not as it was written */
export async function readTrainingIndex(run: RunFolder): Promise<TrainingIndex | null> {
  const bytes = await run.bytes(RUN_FILES.trainingIndex);
  const names = await run.bytes(RUN_FILES.trainingGroups);
  if (bytes === null || names === null) return null;
  return indexOf(run.folder, { index: bytes, groups: names, hashes: await run.bytes(RUN_FILES.trainingHashes) });
}

/** Contents of the files. */
interface IndexFiles {
  index: Buffer;
  groups: Buffer;
  hashes: Buffer | null;
}

function indexOf(folder: string, files: IndexFiles): TrainingIndex {
  const rowsOf = (bytes: Buffer, { file, width, as }: { file: string; width: number; as: BufferEncoding }): string[] =>
    rowTexts(bytes, { from: decodeNpyHeader(bytes, join(folder, file)).dataOffset, width, as });
  const known = new Set(rowsOf(files.index, { file: RUN_FILES.trainingIndex, width: WIDTH, as: "latin1" }));
  const hashes = { file: RUN_FILES.trainingHashes, width: HASH_WIDTH, as: "hex" } as const;
  const path = join(folder, RUN_FILES.trainingGroups);
  return {
    digests: known,
    hasPixels: (pixelHash) => known.has(digest(pixelHash).toString("latin1")),
    ...nearness(files.hashes === null ? null : rowsOf(files.hashes, hashes)),
    groups: new Set(parseJson(files.groups, { path, schema: z.array(z.string()) })),
    fingerprint: createHash("sha256").update(files.index).update(files.groups).digest("hex"),
  };
}

/** What can be asked of difference hashes. */
export function nearness(hashes: readonly string[] | null): Pick<TrainingIndex, "hashes" | "hasNear"> {
  if (hashes === null) return { hashes: null, hasNear: null };
  const distinct = new Set(hashes);
  let index: NearIndex | null = null;
  return { hashes: distinct, hasNear: (hash) => (index ??= nearIndex([...distinct])).near(hash).length > 0 };
}
