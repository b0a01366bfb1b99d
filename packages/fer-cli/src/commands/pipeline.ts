/** `fer pipeline`: all stages of a config file. */
import { resolve } from "node:path";
import { OptionsError } from "@fer/core/errors";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { runStages } from "../pipeline/run-stages.js";
import { stagesOf } from "../pipeline/stages-of.js";
import { renderPipeline } from "../render/pipeline.js";

export const PipelineOptions = z.strictObject({
  force: z.boolean().default(false).describe("Make everything again, also what is finished and up to date"),
});

export default defineCommand({
  options: PipelineOptions,
  details:
    "extract -> assemble -> train -> evaluate -> report, as fer.config.ts or fer.config.json says. Finished stages are skipped while nothing they depend on changes; an interrupted one goes on.",
  examples: ["fer pipeline", "fer pipeline --config experiments/large.config.ts"],
  kept: () => "Finished stages were kept: the same command goes on in the one that was interrupted.",
  async run({ force }, { config, hooks, output }) {
    if (config === undefined) {
      throw new OptionsError({
        code: "NO_CONFIG",
        subject: "fer pipeline",
        found: "there is no fer.config.ts or fer.config.json in this folder",
        fix: "Run fer init to write one, or name one with --config",
      });
    }
    const state = resolve(config.folder, String(config.config["state"] ?? ".fer"));
    const reports = await runStages(await stagesOf(config), { state, force, hooks, note: (text) => output.note(text) });
    return renderPipeline(reports);
  },
});
