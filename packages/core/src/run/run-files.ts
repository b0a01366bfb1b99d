/** Names of the files of a run folder, and reading them with their schemas. */
import { FormatError } from "../errors.js";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { writeAtomic } from "../files/write-atomic.js";

export const RUN_FILES = {
  config: "config.json",
  model: "model.json",
  outcome: "outcome.json",
  metrics: "metrics.json",
  set: "set.json",
  historyCsv: "history.csv",
  historyLines: "history.jsonl",
  predictions: "predictions.csv",
  evaluations: "evaluations",
} as const;

/** Name of a fold's folder: `fold-01`. */
export const foldFolder = (index: number): string => `fold-${String(index).padStart(2, "0")}`;

/** JSON as all run files have it. */
export const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Writes a JSON file in one step. */
export const writeJson = (folder: string, file: string, value: unknown): Promise<void> =>
  writeAtomic(join(folder, file), toJson(value));

/**
 * Reads a JSON file of a run folder.
 *
 * @throws {@link FormatError} when it is missing, damaged or of another kind.
 */
export async function readJson<S extends z.ZodType>(folder: string, file: string, schema: S): Promise<z.infer<S>> {
  const path = join(folder, file);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new FormatError({
      code: missing ? "NO_RUN" : "BAD_RUN",
      subject: path,
      found: missing ? "no such file" : "it is no JSON",
      expected: "the folder of a finished run",
      fix: missing
        ? "Pass the folder that training wrote; one that ends in .partial is unfinished: run the same training again"
        : "Train again",
      cause,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new FormatError({
    code: "BAD_RUN",
    subject: path,
    found: `${issue.path.join(".") || "the whole file"}: ${issue.message}`,
    expected: "a file that this version wrote",
    fix: "Train again",
    cause: parsed.error,
  });
}

/** The same for a file that not every run has; `null` where it is missing. */
export async function readJsonIfThere<S extends z.ZodType>(
  folder: string,
  file: string,
  schema: S,
): Promise<z.infer<S> | null> {
  const there = await stat(join(folder, file)).catch(() => null);
  return there === null ? null : readJson(folder, file, schema);
}
