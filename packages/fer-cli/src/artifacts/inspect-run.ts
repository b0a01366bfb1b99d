/** `fer inspect` of a run: what was trained, on what, how it was split, and the scores. */
import { RunFolder } from "@fer/core/run";
import { openRun } from "@fer/model";
import type { CommandResult } from "../command.js";
import { renderRunFindings } from "../render/run-findings.js";

/** Nothing is trained or measured: what is shown was written by `fer train` and `fer evaluate`. */
export async function inspectRun(path: string): Promise<CommandResult> {
  const run = await openRun(path);
  const evaluations = (await (await RunFolder.open(path)).evaluations()).map(({ file, metrics: of }) => ({
    file,
    count: of.count,
    accuracy: of.accuracy,
  }));
  const { config, outcome, model, metrics } = run;
  return { text: renderRunFindings(run, evaluations), json: { config, outcome, model, metrics, evaluations } };
}
