import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openRun } from "@fer/model";
import { Metrics } from "@fer/core/run";
import { type Part, openSet } from "@fer/core/set";
import { renderMetrics } from "../../render/metrics.js";
import { type Stage, type StageOutcome, fingerprintOf } from "../stage.js";

/** A run on one more set -> `evaluations/<set>-<part>.json`. */
export function evaluateStage(run: string, { on, part }: { on: string; part: Part }): Stage {
  const name = on
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.json$/, "");
  const to = join(run, "evaluations", `${name}-${part}.json`);
  const outcome = (metrics: Metrics): StageOutcome => ({
    text: renderMetrics(metrics),
    json: metrics,
    output: fingerprintOf(metrics),
  });
  const readMetrics = async (): Promise<unknown> => {
    const text = await readFile(to, "utf8").catch(() => null);
    return text === null ? undefined : JSON.parse(text);
  };
  return {
    name: `evaluate ${name}-${part}`,
    to,
    async inputs(outputs) {
      const set = await openSet(on);
      set.close();
      return { run: outputs.get("train"), set: set.info.fingerprint, part };
    },
    async fingerprint() {
      const metrics = await readMetrics();
      return metrics === undefined ? undefined : fingerprintOf(metrics);
    },
    async existing() {
      const metrics = Metrics.safeParse(await readMetrics());
      return metrics.success ? outcome(metrics.data) : undefined;
    },
    discard: () => rmSync(to, { force: true }),
    async run({ signal }) {
      const set = await openSet(on);
      try {
        return outcome(await (await openRun(run)).evaluate(set, { part, signal }));
      } finally {
        set.close();
      }
    },
  };
}
