/** `fer export <folder>`: an image folder in a format that other tools read. */
import { artifactAt, OptionsError } from "@fer/core";
import { ExportOptions as Options, exportParquet } from "@fer/dataset-extractors";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { table } from "../output/table.js";

export const ExportOptions = z.strictObject({
  folder: z.string().describe("Image folder that fer extract wrote"),
  ...Options.shape,
});

/** Sets and runs are in formats of other tools as they are. */
const AS_IT_IS = {
  set: "Export its image folders; NumPy reads the .npy files of a set as they are",
  run: "Keras loads the .h5 files of a run as they are; fer report draws it",
  seeds: "Keras loads the .h5 files of its runs as they are; fer report draws each",
};

export default defineCommand({
  options: ExportOptions,
  positionals: ["folder"],
  paths: ["folder", "to"],
  details:
    'One file a split, with pictures and metadata; load_dataset("parquet", ...) of Hugging Face datasets reads them. (The image folder itself is a Hugging Face imagefolder already.)',
  examples: ["fer export data/ckplus --to parquet/ckplus"],
  kept: () => "No half-written export was left: the same command starts it again.",
  target: ({ to }) => to,
  async run({ folder, ...options }, { hooks, output }) {
    const { kind } = await artifactAt(folder);
    if (kind !== "image-folder") {
      throw new OptionsError({
        code: "NOT_EXPORTABLE",
        subject: folder,
        found: kind === "seeds" ? "runs of several seeds" : `a ${kind}`,
        expected: `an image folder, for ${options.format}`,
        fix: AS_IT_IS[kind],
      });
    }
    const { reused, ...result } = await exportParquet(folder, { ...options, ...hooks });
    if (reused) output.note(`export ${result.to} is there already, made from the same data`);
    return { text: table(["split", "rows"], Object.entries(result.rows)), json: result, isKept: reused };
  },
});
