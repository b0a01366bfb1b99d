/** Names of the files of a run folder, and the JSON in them. */
import type { z } from "zod";
import { type FerErrorParts, FormatError } from "../errors.js";
import { writeAtomic } from "../files/write-atomic.js";
import type { RunConfig } from "./schema.js";

export const RUN_FILES = {
  config: "config.json",
  model: "model.json",
  outcome: "outcome.json",
  metrics: "metrics.json",
  set: "set.json",
  historyCsv: "history.csv",
  historyLines: "history.jsonl",
  predictions: "predictions.csv",
  trainingIndex: "training-index.npy",
  trainingHashes: "training-hashes.npy",
  trainingGroups: "training-groups.json",
  evaluations: "evaluations",
  readings: "readings.jsonl",
  charts: "charts",
  report: "report.html",
} as const;

/** Name of a fold's folder: `fold-01`. */
export const foldFolder = (index: number): string => `fold-${String(index).padStart(2, "0")}`;

/** Numbers (from 1) of the folds that a run of folds has; none where it is a run of its own, or a fold. */
export function foldNumbers({
  fold,
  folds,
  options,
}: Pick<RunConfig, "fold" | "folds" | "options">): readonly number[] {
  if (fold !== null) return [];
  if (folds !== undefined) return folds;
  // the trainer made folds of parts once, and noted their number only
  const count = typeof options["folds"] === "number" ? options["folds"] : 0;
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** JSON as all run files have it. */
export const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Writes a JSON file in one step. */
export const writeJson = (path: string, value: unknown): Promise<void> => writeAtomic(path, toJson(value));

/**
 * The content of a JSON file of a run.
 *
 * @throws {@link FormatError} `BAD_RUN` when it is damaged or of another kind.
 */
export function parseJson<S extends z.ZodType>(
  bytes: Uint8Array,
  { path, schema }: { path: string; schema: S },
): z.infer<S> {
  const bad = (parts: Pick<FerErrorParts, "found" | "expected" | "cause">): FormatError =>
    new FormatError({ code: "BAD_RUN", subject: path, fix: "Train again", ...parts });
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw bad({ found: "it is not JSON", expected: "a file of a finished run", cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw bad({
    found: `${issue.path.join(".") || "the whole file"}: ${issue.message}`,
    expected: "a file that this version wrote",
    cause: parsed.error,
  });
}
