/** `fer engines`: what can run here, on what, how to get the rest, and how fast each trains. */
import { ARCHITECTURES, engines } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../define-command.js";
import { benchEngine } from "../engines/bench-engine.js";
import { type EngineRow, renderEngines } from "../render/engines.js";

export const EnginesOptions = z.strictObject({
  bench: z
    .boolean()
    .default(false)
    .describe("Also measure how fast each engine trains (but cpu: it is the slow reference)"),
  architecture: z.enum(ARCHITECTURES).default("fer-cnn").describe("What --bench trains"),
  batchSize: z.number().int().positive().max(4096).default(64).describe("Images in a step of --bench"),
  seconds: z.number().positive().max(600).default(10).describe("Time that --bench measures each engine for"),
});

export default defineCommand({
  options: EnginesOptions,
  examples: ["fer engines", "fer engines --bench"],
  kept: () => "Nothing was changed.",
  async run({ bench, ...options }, { signal, output }) {
    const rows: EngineRow[] = [];
    for (const engine of Object.values(engines)) {
      const status = await engine.probe();
      if (bench && status.available && engine.name !== "cpu") {
        output.note(`measuring ${engine.name}`);
        rows.push({ ...status, imagesPerSecond: await benchEngine(engine, { ...options, signal }) });
      } else rows.push(status);
    }
    return { text: renderEngines(rows), json: rows };
  },
});
