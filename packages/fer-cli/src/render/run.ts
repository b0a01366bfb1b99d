/** What `fer train` says about a finished run. */
import type { Run } from "@fer/model";
import { renderMetrics } from "./metrics.js";

/** How training ended, and the scores of the test part. */
export function renderRun({
  config,
  outcome,
  metrics,
  folder,
}: Pick<Run, "config" | "outcome" | "metrics" | "folder">): string {
  const { engine } = config;
  const device = engine.device === null ? "" : ` on ${engine.device}`;
  const lines = [`run ${folder}: engine ${engine.name}${device} (${engine.reason})`];
  if (outcome !== null) {
    const best = outcome.bestEpoch === null ? "" : `, best by ${outcome.monitor}: epoch ${outcome.bestEpoch}`;
    lines.push(`${outcome.epochs} epochs${best}${outcome.stopped === null ? "" : `; ended early: ${outcome.stopped}`}`);
  }
  return [
    ...lines,
    "",
    metrics === null ? "The set has no test part: nothing was measured." : renderMetrics(metrics),
  ].join("\n");
}
