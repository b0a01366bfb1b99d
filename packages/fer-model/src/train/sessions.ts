/**
 * With what a training ran, call by call. The first call stands in `config.json` as the run's engine and versions; a
 * later one is added only where it differs, or had to pass something over: a training that was interrupted and went on
 * in the same place leaves the bytes of one that was not.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { canonicalJson } from "@fer/core/artifact";
import { RunSession, writeJson } from "@fer/core/run";
import { tf } from "@fer/tfjs-graph";
import { z } from "zod";
import { processorName } from "../engine/processor.js";
import type { FitTask } from "./task.js";

const FILE = "sessions.json";

/** Adds this call to those in `folder`; returns all of them. */
export async function recordSession(
  folder: string,
  session: Pick<RunSession, "from" | "notes"> & Pick<FitTask, "engine" | "commit">,
): Promise<[RunSession, ...RunSession[]]> {
  const { engine, commit, from, notes } = session;
  const { name, device = null, version = null } = engine.status;
  const present: RunSession = {
    engine: { name, reason: engine.reason, device, version },
    versions: versions(),
    processor: processorName(),
    commit,
    from,
    notes: [...notes],
  };
  const sessions = distinctSessions([...(await earlierSessions(folder, present)), present]);
  await writeJson(join(folder, FILE), sessions);
  return sessions;
}

async function earlierSessions(folder: string, { notes }: RunSession): Promise<RunSession[]> {
  const text = await readFile(join(folder, FILE), "utf8").catch(() => "[]");
  try {
    return z.array(RunSession).parse(JSON.parse(text));
  } catch {
    notes.push("the list of earlier calls was damaged: what the training began with is not known");
    return [];
  }
}

/** The first one, and those after it that say something new. */
export function distinctSessions(sessions: readonly RunSession[]): [RunSession, ...RunSession[]] {
  const kept: RunSession[] = [];
  for (const session of sessions) {
    if (kept.length === 0 || session.notes.length > 0 || where(session) !== where(kept.at(-1)!)) kept.push(session);
  }
  return kept as [RunSession, ...RunSession[]];
}

const where = ({ engine: { reason: _, ...engine }, versions: by, processor, commit }: RunSession): string =>
  canonicalJson({ engine, versions: by, processor: processor ?? null, commit });

/** Versions that decide the numbers. */
function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const { version } = require("../../package.json") as { version: string };
  return { "@fer/model": version, "@tensorflow/tfjs": tf.version.tfjs, node: process.version };
}

/** Commit of the working directory, `null` outside of a repository or without git. */
export async function workingCommit(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"]);
    return stdout.trim();
  } catch {
    return null;
  }
}
