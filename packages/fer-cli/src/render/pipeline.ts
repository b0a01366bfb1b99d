/** What `fer pipeline` says when all is done. */
import type { Metrics } from "@fer/core/run";
import type { CommandResult } from "../command.js";
import type { StageReport } from "../pipeline/run-stages.js";

/** The outcome of the last training and where things are; for machines every stage. */
export function renderPipeline(reports: readonly StageReport[]): CommandResult {
  const trained = reports.find((report) => report.stage === "train");
  const written = reports.find((report) => report.stage === "report");
  const shown = reports.filter((report) => report.stage === "train" || report.stage.startsWith("evaluate"));
  const last = shown.length > 0 ? shown : reports.slice(-1);
  return {
    text: [...last.map((report) => report.text), ...(written ? [`report: ${written.to}`] : [])].join("\n\n"),
    json: {
      stages: reports.map(({ stage, to, skipped, json }) => ({ stage, to, skipped, result: json })),
      run: trained?.to ?? null,
      metrics: (trained?.json as { metrics: Metrics | null } | undefined)?.metrics ?? null,
      report: written?.to ?? null,
    },
  };
}
