/** `fer compare <runs...>`: what differs between runs beyond chance, as a table. */
import { openSet } from "@fer/core/set";
import { compareRuns } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { TABLE_FORMATS } from "../output/paper-tables.js";
import { renderComparison } from "../render/comparison.js";

export const CompareOptions = z.strictObject({
  runs: z
    .array(z.string())
    .min(2)
    .describe("Run folders that were tested on the same images; the first is what the others are held against"),
  set: z
    .string()
    .nullable()
    .default(null)
    .describe("Set they were tested on, as <folder>/<name>: intervals are then of its people or clips, not of images"),
  format: z.enum(TABLE_FORMATS).default("text").describe("Of the table"),
  resamples: z.number().int().min(100).max(1_000_000).default(10_000).describe("Draws of the bootstrap"),
  seed: z.number().int().nonnegative().default(1).describe("Decides the draws"),
});

export default defineCommand({
  options: CompareOptions,
  positionals: ["runs"],
  paths: ["runs", "set"],
  details:
    "Scores and their differences from the first run with intervals of 95 % (paired bootstrap), and McNemar's exact test of who is right on which image, with Holm's correction where there are several. All of it is about the images that were tested; how much another seed changes, fer train --seeds shows.",
  examples: [
    "fer compare runs/first runs/second",
    "fer compare runs/first runs/second runs/third --set features/ckplus --format latex",
  ],
  kept: () => "Nothing was changed.",
  async run({ runs, set: path, format, resamples, seed }, { signal }) {
    const set = path === null ? undefined : await openSet(path);
    try {
      const comparison = await compareRuns(runs, { set, resamples, seed, signal });
      return { text: renderComparison(comparison, format), json: comparison };
    } finally {
      set?.close();
    }
  },
});
