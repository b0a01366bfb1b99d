/** `fer train <set>`: a set -> a run folder. */
import { FerTrainer, TrainerOptions } from "@fer/model";
import { openSet } from "@fer/core/set";
import { z } from "zod";
import { configSection } from "../config/config-section.js";
import { defineCommand } from "../define-command.js";
import { chosenEngine } from "../engines/chosen-engine.js";
import { renderRun } from "../render/run.js";

export const TrainOptions = TrainerOptions.extend({
  set: z.string().describe("Set that fer assemble wrote, as <folder>/<name>"),
  to: z.string().min(1).describe("Run folder to write"),
});

export default defineCommand({
  options: TrainOptions,
  positionals: ["set"],
  details:
    "Checkpoints are chosen on a validation part carved out of train, by person where people are known; never on test.",
  examples: [
    "fer train features/ckplus --to runs/first",
    "fer train features/ckplus --to runs/folds --folds 10 --epochs 40",
  ],
  section: (config) => configSection(config, "train"),
  kept: ({ to }) => `Finished epochs were kept beside ${to}: the same command goes on from there.`,
  async run({ set: path, ...options }, { hooks, output, byValue }) {
    const set = await openSet(path);
    output.note(await chosenEngine(options.engine));
    try {
      const run = await new FerTrainer(options).fit(set, { ...byValue, ...hooks });
      return { text: renderRun(run), json: { run: run.folder, metrics: run.metrics, outcome: run.outcome } };
    } finally {
      set.close();
    }
  },
});
