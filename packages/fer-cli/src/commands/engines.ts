/** `fer engines`: what can run here, on what, and how to get the rest. */
import { type EngineStatus, engines } from "@fer/model";
import { z } from "zod";
import { defineCommand } from "../define-command.js";
import { renderEngines } from "../render/engines.js";

export default defineCommand({
  options: z.strictObject({}),
  examples: ["fer engines", "fer engines --json"],
  async run() {
    const rows: EngineStatus[] = [];
    for (const engine of Object.values(engines)) rows.push(await engine.probe());
    return { text: renderEngines(rows), json: rows };
  },
});
