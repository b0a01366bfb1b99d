/** `fer export <folder>`: an image folder in a format of others. */
import { ExportOptions as Options } from "@fer/dataset-extractors";
import { z } from "zod";
import { artifactKind } from "../artifacts/artifact.js";
import { exporters } from "../artifacts/export-artifact.js";
import { defineCommand } from "../command.js";

export const ExportOptions = Options.extend({
  folder: z.string().describe("Image folder that fer extract wrote"),
});

export default defineCommand({
  options: ExportOptions,
  positionals: ["folder"],
  paths: ["folder", "to"],
  details:
    'One file a split, with pictures and metadata; load_dataset("parquet", ...) of Hugging Face datasets reads them.\n(The image folder itself is a Hugging Face imagefolder already.)',
  examples: ["fer export data/ckplus --to parquet/ckplus"],
  kept: () => "Finished files were kept, no half-written one.",
  async run({ folder, ...options }, { hooks }) {
    return exporters[artifactKind(folder)](folder, options, hooks);
  },
});
