/** Draws the charts of a run folder and writes its `report.html`. */
import { SetInfo } from "@fer/core/set";
import { arch, cpus, release, totalmem, type } from "node:os";
import { basename, join } from "node:path";
import { writeAtomic } from "@fer/core";
import { changeInPlace } from "@fer/core/artifact";
import { isReportFile, Metrics, ModelInfo, Outcome, RUN_FILES, RunFolder } from "@fer/core/run";
import { saveCharts } from "../charts/index.js";
import { type Citation, type ReportData, renderReport, reportCharts } from "./index.js";

export interface WriteReportOptions {
  /** Name of the run in the report; default: the folder's. */
  name?: string;
  /** Works to cite beside the framework's, e.g. those of the datasets. */
  citations?: readonly Citation[];
  signal?: AbortSignal | undefined;
}

/**
 * Writes `charts/` and `report.html` of a run folder, from the files in it. Older ones are replaced.
 *
 * @returns Path of `report.html`.
 * @throws FormatError where it is not a finished run, or a file of it has changed since it was written.
 *
 * @example
 * ```ts
 * import { writeReport } from "@fer/model";
 *
 * console.log(await writeReport("runs/first")); // runs/first/report.html
 * ```
 */
export async function writeReport(folder: string, options: WriteReportOptions = {}): Promise<string> {
  await RunFolder.open(folder, { except: isReportFile });
  await changeInPlace({ subject: "report", to: folder, signal: options.signal }, async () => {
    const run = await RunFolder.open(folder, { except: isReportFile });
    await run.change(isReportFile, () => drawReport(run, { name: basename(folder), ...options }));
  });
  return join(folder, RUN_FILES.report);
}

/** Writes both into the folder of a run; returns the files. */
export async function drawReport(
  run: RunFolder,
  { name, citations, signal }: WriteReportOptions & { name: string },
): Promise<string[]> {
  const data: ReportData = {
    name,
    config: run.config,
    model: await run.json(RUN_FILES.model, ModelInfo),
    outcome: await run.json(RUN_FILES.outcome, Outcome),
    history: await run.history(),
    metrics: await run.json(RUN_FILES.metrics, Metrics),
    set: await run.json(RUN_FILES.set, SetInfo),
    evaluations: (await run.evaluations()).map(({ metrics }) => metrics),
    environment: {
      machine: `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
      system: `${type()} ${release()} ${arch()}`,
    },
    date: new Date(),
    ...(citations === undefined ? {} : { citations }),
  };
  const charts = reportCharts(data);
  const drawn = await saveCharts(join(run.folder, RUN_FILES.charts), { charts, signal });
  await writeAtomic(join(run.folder, RUN_FILES.report), await renderReport(data, drawn));
  const pictures = Object.keys(drawn).flatMap((chart) =>
    ["png", "svg", "vl.json"].map((ending) => `${chart}.${ending}`),
  );
  return [RUN_FILES.report, ...pictures.map((file) => `${RUN_FILES.charts}/${file}`)];
}
