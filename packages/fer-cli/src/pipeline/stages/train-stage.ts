import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FerTrainer, type FitContext, type Run, type TrainerOptions, openRun } from "@fer/model";
import { openSet } from "@fer/core/set";
import { chosenEngine } from "../../commands/train.js";
import { renderRun } from "../../render/run.js";
import { valueFingerprint } from "../by-value.js";
import type { Stage, StageOutcome } from "../stage.js";

/** A set -> a run. A killed training goes on from its last checkpoint. */
export function trainStage(
  options: TrainerOptions & { to: string },
  set: string,
  byValue: Pick<FitContext, "model" | "callbacks" | "augmentations">,
): Stage {
  const { to, ...decisive } = options;
  const outcome = async (run: Run): Promise<StageOutcome> => ({
    text: renderRun(run),
    json: { run: to, metrics: run.metrics, outcome: run.outcome },
    output: (await runFingerprint(to))!,
  });
  return {
    name: "train",
    to,
    inputs: (outputs) => ({ ...decisive, set, data: outputs.get("assemble"), byValue: valueFingerprint(byValue) }),
    fingerprint: () => runFingerprint(to),
    async existing() {
      const run = await openRun(to).catch(() => null);
      return run === null ? undefined : outcome(run);
    },
    discard: () => rmSync(to, { recursive: true, force: true }),
    async run(hooks, note) {
      note(await chosenEngine(options.engine));
      const opened = await openSet(set);
      try {
        return await outcome(await new FerTrainer(options).fit(opened, { ...byValue, ...hooks }));
      } finally {
        opened.close();
      }
    },
  };
}

/** Of what training wrote (and no later stage changes): config, history and scores. */
async function runFingerprint(folder: string): Promise<string | undefined> {
  if (!existsSync(join(folder, "config.json"))) return undefined;
  const hash = createHash("sha256");
  for (const name of ["config.json", "history.csv", "metrics.json"]) {
    hash.update(await readFile(join(folder, name)).catch(() => Buffer.from(`no ${name}`)));
  }
  return hash.digest("hex");
}
