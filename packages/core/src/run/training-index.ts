/**
 * What a model has seen: the pictures and groups that were trained and validated on, kept in the run so that another
 * set can be held against it when the training set is long gone.
 *
 *     training-index.npy      [n, 16] uint8: first half of the sha256 of each pixel hash, sorted
 *     training-groups.json    names of the groups, sorted
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomic } from "../files/write-atomic.js";
import { decodeNpyHeader, encodeNpyHeader } from "../npy/header.js";
import { byCodeUnit } from "../order.js";
import { parseJson, RUN_FILES, writeJson } from "./run-files.js";
import type { RunFolder } from "./run-folder.js";
import { z } from "zod";

/** Bytes of a row: two pictures of a billion share one with a chance of 10^-21. */
const WIDTH = 16;

/** What a model has seen. */
export interface TrainingIndex {
  hasPixels(pixelHash: string): boolean;
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
  /** What the networks that it started from, or learned from, had seen before. */
  earlier?: TrainingIndex | undefined;
}

/** Writes the index of samples into the folder of a run. */
export async function writeTrainingIndex(folder: string, { samples, earlier }: SeenSamples): Promise<void> {
  const rows: Buffer[] = [...(earlier?.digests ?? [])].map((row) => Buffer.from(row, "latin1"));
  const groups = new Set(earlier?.groups);
  for await (const { pixel_hash, group } of samples) {
    const row = digest(pixel_hash);
    if (earlier?.digests.has(row.toString("latin1")) !== true) rows.push(row);
    if (group !== null) groups.add(group);
  }
  const header = encodeNpyHeader("uint8", [rows.length, WIDTH]);
  const bytes = Buffer.concat([header, ...rows.sort((a, b) => Buffer.compare(a, b))]);
  await writeAtomic(join(folder, RUN_FILES.trainingIndex), bytes);
  await writeJson(join(folder, RUN_FILES.trainingGroups), [...groups].sort(byCodeUnit));
}

/** What several networks have seen together. */
export function joinTrainingIndexes(indexes: readonly TrainingIndex[]): TrainingIndex {
  const fingerprints = indexes.map(({ fingerprint }) => fingerprint);
  return {
    digests: new Set(indexes.flatMap(({ digests }) => [...digests])),
    hasPixels: (pixelHash) => indexes.some((index) => index.hasPixels(pixelHash)),
    groups: new Set(indexes.flatMap(({ groups }) => [...groups])),
    fingerprint: createHash("sha256").update(fingerprints.join("\n")).digest("hex"),
  };
}

/** The index of a run; `null` where it keeps none. @throws FormatError where it is not as it was written */
export async function readTrainingIndex(run: RunFolder): Promise<TrainingIndex | null> {
  const bytes = await run.bytes(RUN_FILES.trainingIndex);
  const names = await run.bytes(RUN_FILES.trainingGroups);
  if (bytes === null || names === null) return null;
  const path = join(run.folder, RUN_FILES.trainingGroups);
  const { dataOffset } = decodeNpyHeader(bytes, join(run.folder, RUN_FILES.trainingIndex));
  const known = new Set<string>();
  for (let at = dataOffset; at < bytes.length; at += WIDTH) known.add(bytes.toString("latin1", at, at + WIDTH));
  return {
    digests: known,
    hasPixels: (pixelHash) => known.has(digest(pixelHash).toString("latin1")),
    groups: new Set(parseJson(names, { path, schema: z.array(z.string()) })),
    fingerprint: createHash("sha256").update(bytes).update(names).digest("hex"),
  };
}
