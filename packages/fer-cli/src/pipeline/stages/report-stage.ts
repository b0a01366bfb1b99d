import { rmSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeReport } from "@fer/model";
import { citationsOf } from "../../citations.js";
import { type Stage, type StageOutcome, fingerprintOf } from "../stage.js";

/** A run and its evaluations -> charts and `report.html`. */
export function reportStage(run: string, evaluations: readonly string[]): Stage {
  const to = join(run, "report.html");
  const charts = join(run, "charts");
  // The page shows times, so what counts is that all of it is there.
  const existing = async (): Promise<StageOutcome | undefined> => {
    const there = await stat(to).catch(() => null);
    const names = await readdir(charts).catch(() => []);
    return there === null
      ? undefined
      : { text: `report: ${to}`, json: { report: to }, output: fingerprintOf(names.sort()) };
  };
  return {
    name: "report",
    to,
    inputs: (outputs) => ({ run: outputs.get("train"), evaluations: evaluations.map((name) => outputs.get(name)) }),
    fingerprint: async () => (await existing())?.output,
    existing,
    discard: () => rmSync(charts, { recursive: true, force: true }),
    async run() {
      await writeReport(run, { citations: await citationsOf(run) });
      return (await existing())!;
    },
  };
}
