/** `fer reproduce <run>`: trains a run again from its own record, and says whether the same comes out. */
import { openSet } from "@fer/core/set";
import { ReproduceOptions as Options, reproduceRun } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { renderReproduction } from "../render/reproduction.js";

export const ReproduceOptions = z.strictObject({
  run: z.string().describe("Run folder that fer train wrote"),
  set: z.string().describe("Set that it was trained on, as <folder>/<name>; its fingerprint is compared"),
  ...Options.shape,
});

export default defineCommand({
  options: ReproduceOptions,
  positionals: ["run"],
  paths: ["run", "set", "from", "teacher", "sampleWeights", "to"],
  details:
    "Weights, history and predictions are compared byte by byte; on the same processor, engine and versions they must be equal. Elsewhere they need not be, and accuracy and macro-F1 are compared. Exit code 1 where the same did not come out.",
  examples: ["fer reproduce runs/first --set features/ckplus", "fer reproduce runs/first --set features/ckplus --json"],
  kept: ({ to }) =>
    to === null
      ? "Nothing was kept: with --to the training goes on where it was stopped."
      : `What was trained is kept beside ${to}: the same command goes on where it was stopped.`,
  async run({ run, set: path, ...options }, { hooks }) {
    const set = await openSet(path);
    try {
      const found = await reproduceRun(run, { set, ...options, ...hooks });
      return { text: renderReproduction(found), json: found, exitCode: found.verdict === "different" ? 1 : 0 };
    } finally {
      set.close();
    }
  },
});
