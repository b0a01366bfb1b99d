/** `fer report <run>`: charts and `report.html`, from the files of a run. */
import { isReportFile, RUN_FILES, RunFolder } from "@fer/core/run";
import { SetInfo } from "@fer/core/set";
import { type Citation, writeReport } from "@fer/model";
import { adapters } from "@fer/dataset-extractors";
import { z } from "zod";
import { defineCommand } from "../command.js";

export const ReportOptions = z.strictObject({
  run: z.string().describe("Run folder that fer train wrote"),
  name: z.string().optional().describe("Name of the run in the report; that of its folder if left out"),
});

export default defineCommand({
  options: ReportOptions,
  positionals: ["run"],
  paths: ["run"],
  details:
    "One self-contained page with scores, charts, caveats and what to cite. fer train writes it too; run this again after more evaluations.",
  examples: ["fer report runs/first"],
  async run({ run: folder, name }, { signal }) {
    const run = await RunFolder.open(folder, { except: isReportFile });
    const set = await run.json(RUN_FILES.set, SetInfo);
    const citations = set === null ? [] : citationsOf(set);
    const report = await writeReport(folder, { citations, signal, ...(name === undefined ? {} : { name }) });
    return { text: `wrote ${report}`, json: { report } };
  },
});

/** Works to cite for the datasets of a set, as their adapters say; none for a user's own. */
export function citationsOf({ sources }: Pick<SetInfo, "sources">): Citation[] {
  const names = [...new Set(sources.map(({ adapter }) => adapter))];
  return names.flatMap((name) => {
    const adapter = adapters[name];
    if (adapter === undefined || adapter.citation === "none") return [];
    return [{ what: adapter.title, text: adapter.citation }];
  });
}
