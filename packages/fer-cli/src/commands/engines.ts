/** `fer engines`: what can run here, on what, how to get the rest, and how fast each trains. */
import { ARCHITECTURES, engines } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { benchEngine } from "../engines/bench-engine.js";
import { type EngineRow, UNMEASURED, renderEngines } from "../render/engines.js";

export const EnginesOptions = z.strictObject({
  bench: z
    .boolean()
    .default(false)
    .describe("Also measure how fast each engine trains (cpu, the slow reference, on the tiny net)"),
  architecture: z.enum(ARCHITECTURES).default("fer-cnn").describe("What --bench trains"),
  batchSize: z.number().int().positive().max(4096).default(64).describe("Images in a step of --bench"),
  seconds: z.number().positive().max(600).default(10).describe("Time that --bench measures each engine for"),
});

export default defineCommand({
  options: EnginesOptions,
  details:
    "Engines on a GPU are not yet measured by us on one; bash bench/gpu of the repository does that on an NVIDIA card.",
  examples: ["fer engines", "fer engines --bench"],
  kept: () => "Nothing was changed.",
  async run({ bench, ...options }, { signal, output }) {
    const rows: EngineRow[] = [];
    for (const engine of Object.values(engines)) {
      const status = await engine.probe();
      const row: EngineRow = { ...status, ...(status.gpu === true ? { note: UNMEASURED } : {}) };
      rows.push(row);
      if (!bench || !status.available) continue;
      output.note(`measuring ${engine.name}`);
      const measured = engine.name === "cpu" ? { ...options, architecture: "tiny" as const } : options;
      row.imagesPerSecond = await benchEngine(engine, { ...measured, signal });
      row.architecture = measured.architecture;
    }
    return { text: renderEngines(rows), json: rows };
  },
});
