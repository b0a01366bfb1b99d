/** `fer report <run>`: charts and `report.html`, from the files of a run. */
import { writeReport } from "@fer/model";
import { z } from "zod";
import { citationsOf } from "../citations.js";
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
    "One self-contained page with scores, charts, caveats and what to cite. fer train writes it too; run this again\nafter more evaluations.",
  examples: ["fer report runs/first"],
  async run({ run, name }) {
    const report = await writeReport(run, {
      citations: await citationsOf(run),
      ...(name === undefined ? {} : { name }),
    });
    return { text: `wrote ${report}`, json: { report } };
  },
});
