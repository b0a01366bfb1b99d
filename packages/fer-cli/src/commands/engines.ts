/** `fer engines`: what can run here, on what, how to get the rest, and how fast each trains. */
import { benchEngine, engines, type EngineStatus, TrainerOptions } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { table } from "../output/table.js";

export const EnginesOptions = z.strictObject({
  bench: z
    .boolean()
    .default(false)
    .describe("Also measure how fast each engine trains (cpu, the slow reference, on the tiny net)"),
  architecture: TrainerOptions.shape.architecture.describe("What --bench trains; as fer train by default"),
  batchSize: z.number().int().positive().max(4096).default(64).describe("Images in a step of --bench"),
  seconds: z.number().positive().max(600).default(10).describe("Time that --bench measures each engine for"),
});

/** Until somebody with a card has run the comparison. */
export const UNMEASURED = "not yet measured on a GPU";

/** An engine, and its training speed where it was measured. */
export interface EngineRow extends EngineStatus {
  imagesPerSecond?: number;
  /** The net of that figure. */
  architecture?: string;
  /** What to know about it. */
  note?: string;
}

export default defineCommand({
  options: EnginesOptions,
  details:
    "We have not measured the engines on a GPU yet; bash bench/gpu of the repository does that on an NVIDIA card.",
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

/** One line an engine, then how to get those that are missing. */
export function renderEngines(rows: readonly EngineRow[]): string {
  const isMeasured = rows.some((row) => row.imagesPerSecond !== undefined);
  const shown = rows.map((row) => [
    row.name,
    row.available ? "yes" : "no",
    ...(isMeasured ? [speedOf(row), row.architecture] : []),
    row.device,
    row.version,
    row.reason ?? row.note ?? "",
  ]);
  const head = ["engine", "runs here", ...(isMeasured ? ["images/s", "of"] : []), "device", "version"];
  const installs = rows.filter((row) => !row.available && row.install).map((row) => `  ${row.name}: ${row.install}`);
  return [
    table([...head, "why not, or what to know"], shown),
    "",
    `tensorflow on CUDA, webgpu: ${UNMEASURED}`,
    ...(installs.length > 0 ? ["", "to get more:", ...installs] : []),
  ].join("\n");
}

const speedOf = ({ imagesPerSecond: speed }: EngineRow): number | null =>
  speed === undefined ? null : speed < 10 ? Math.round(speed * 100) / 100 : Math.round(speed);
