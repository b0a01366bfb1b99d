import { openRun } from "@fer/model";
import type { CommandResult } from "../define-command.js";
import { renderRun } from "../render/run.js";

/** How a run was trained, and its scores. */
export async function inspectRun(path: string): Promise<CommandResult> {
  const run = await openRun(path);
  const { config, outcome, model, metrics } = run;
  return { text: renderRun(run), json: { config, outcome, model, metrics } };
}
