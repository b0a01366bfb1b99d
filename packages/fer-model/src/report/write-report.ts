/** Draws the charts of a run folder and writes its `report.html`. */
import { SetInfo } from "@fer/core/set";
import { readdir } from "node:fs/promises";
import { arch, cpus, release, totalmem, type } from "node:os";
import { basename, join } from "node:path";
import { type ChartSpec, saveCharts } from "../charts/index.js";
import { writeAtomic } from "../formats/index.js";
import { type ChartName, type Citation, type ReportData, renderReport, reportCharts } from "./index.js";
import { readHistory } from "@fer/core/run";
import { readJson, readJsonIfThere, RUN_FILES, Metrics, ModelInfo, Outcome, RunConfig } from "@fer/core/run";

export interface WriteReportOptions {
  /** Name of the run in the report; default: the folder's. */
  name?: string;
  /** Works to cite beside the framework's, e.g. those of the datasets. */
  citations?: readonly Citation[];
}

/**
 * Writes `charts/` and `report.html` of a run folder, from the files in it. Older ones are replaced.
 *
 * @returns Path of `report.html`.
 * @throws FormatError where it is no finished run of this version.
 *
 * @example
 * ```ts
 * import { writeReport } from "@fer/model";
 *
 * console.log(await writeReport("runs/first")); // runs/first/report.html
 * ```
 */
export async function writeReport(folder: string, options: WriteReportOptions = {}): Promise<string> {
  const data: ReportData = {
    name: options.name ?? basename(folder),
    config: await readJson(folder, RUN_FILES.config, RunConfig),
    model: await readJsonIfThere(folder, RUN_FILES.model, ModelInfo),
    outcome: await readJsonIfThere(folder, RUN_FILES.outcome, Outcome),
    history: await readHistory(folder),
    metrics: await readJsonIfThere(folder, RUN_FILES.metrics, Metrics),
    set: await readJsonIfThere(folder, RUN_FILES.set, SetInfo),
    evaluations: await readEvaluations(folder),
    environment: {
      machine: `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
      system: `${type()} ${release()} ${arch()}`,
    },
    date: new Date(),
    ...(options.citations === undefined ? {} : { citations: options.citations }),
  };
  const drawn = await saveCharts(join(folder, "charts"), reportCharts(data) as Record<ChartName, ChartSpec>);
  const file = join(folder, "report.html");
  await writeAtomic(file, await renderReport(data, drawn));
  return file;
}

async function readEvaluations(folder: string): Promise<Metrics[]> {
  const path = join(folder, RUN_FILES.evaluations);
  const names = await readdir(path).catch(() => []);
  const files = names.filter((name) => name.endsWith(".json")).sort();
  return Promise.all(files.map((name) => readJson(path, name, Metrics)));
}
