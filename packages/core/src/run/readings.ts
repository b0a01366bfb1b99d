/**
 * `readings.jsonl` of a run: a line each time that it was measured on a part of a set, in their order. A score that was
 * looked at often is no longer that of a model nobody chose for it; this says how often that was.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomic } from "../files/write-atomic.js";
import { Part } from "../set/schema.js";
import { parseJson, RUN_FILES } from "./run-files.js";
import type { RunFolder } from "./run-folder.js";

/** One line. */
export const Reading = z.object({
  /** When, ISO 8601, UTC. */
  at: z.string(),
  /** Name of the set, and its fingerprint. */
  set: z.string(),
  fingerprint: z.string(),
  part: Part,
  count: z.number().int(),
  accuracy: z.number().min(0).max(1),
});
export type Reading = z.infer<typeof Reading>;

/** All of them; none where the run was not measured since its training. @throws FormatError */
export async function readReadings(run: RunFolder): Promise<Reading[]> {
  return parseReadings(await run.bytes(RUN_FILES.readings), run);
}

/**
 * The same before one more is added: after an interruption the manifest may not name the file, which is written in one
 * step. @throws FormatError
 */
export async function earlierReadings(run: RunFolder): Promise<Reading[]> {
  if (run.manifest?.holds(RUN_FILES.readings) === true) return readReadings(run);
  const bytes = await readFile(join(run.folder, RUN_FILES.readings)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return parseReadings(bytes, run);
}

/** Writes the file; call it in `RunFolder.change`. Returns its name. */
export async function writeReadings({ folder }: RunFolder, readings: readonly Reading[]): Promise<string> {
  const lines = readings.map((reading) => `${JSON.stringify(reading)}\n`);
  await writeAtomic(join(folder, RUN_FILES.readings), lines.join(""));
  return RUN_FILES.readings;
}

function parseReadings(bytes: Buffer | null, { folder }: RunFolder): Reading[] {
  const lines = bytes?.toString("utf8").split("\n") ?? [];
  const path = join(folder, RUN_FILES.readings);
  return lines.filter((line) => line !== "").map((line) => parseJson(Buffer.from(line), { path, schema: Reading }));
}
