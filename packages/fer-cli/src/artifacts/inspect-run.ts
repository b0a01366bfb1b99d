/** `fer inspect` of a run: what was trained, on what, how it was split, and the scores. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Metrics, openRun } from "@fer/model";
import type { CommandResult } from "../define-command.js";
import { type Evaluation, renderRunFindings } from "../render/run-findings.js";

/** Nothing is trained or measured: what is shown was written by `fer train` and `fer evaluate`. */
export async function inspectRun(path: string): Promise<CommandResult> {
  const run = await openRun(path);
  const evaluations = evaluationsOf(path);
  const { config, outcome, model, metrics } = run;
  return { text: renderRunFindings(run, evaluations), json: { config, outcome, model, metrics, evaluations } };
}

function evaluationsOf(run: string): Evaluation[] {
  const folder = join(run, "evaluations");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.sort().map((file) => {
    const { count, accuracy } = JSON.parse(readFileSync(join(folder, file), "utf8")) as Metrics;
    return { file, count, accuracy };
  });
}
