/** `fer init`: a commented `fer.config.ts` to start from. */
import { basename } from "node:path";
import { OptionsError, writeAtomic } from "@fer/core";
import { adapters } from "@fer/dataset-extractors";
import { AssemblerOptions } from "@fer/split-assembler";
import { z } from "zod";
import { CONFIG_FILES, findConfig } from "../config/load-config.js";
import { configTemplate } from "../config/template.js";
import { defineCommand } from "../command.js";
import { TrainOptions } from "./train.js";

export const InitOptions = z.strictObject({
  adapter: z.enum(Object.keys(adapters)).default("folders").describe("Dataset to start from; fer datasets lists them"),
  from: z.string().default("faces").describe("Folder of the dataset as its owner ships it"),
  name: AssemblerOptions.shape.name
    .optional()
    .describe("Name of the set and of the run; that of the adapter if left out"),
  split: AssemblerOptions.shape.split,
  overwrite: z.boolean().default(false).describe("Replace a config file that is there"),
});

export default defineCommand({
  options: InitOptions,
  paths: ["from"],
  examples: ["fer init", "fer init --adapter ckplus --from CK+ --split subject"],
  async run({ adapter, from, name = adapter, split, overwrite }) {
    const there = findConfig(".");
    if (there !== undefined && !overwrite) {
      throw new OptionsError({
        code: "CONFIG_EXISTS",
        subject: "fer init",
        found: `there is a ${there} in this folder`,
        fix: "Edit it, or replace it with --overwrite",
      });
    }
    const file = CONFIG_FILES[0]!;
    const schemas = { assemble: AssemblerOptions, train: TrainOptions };
    await writeAtomic(file, configTemplate({ adapter, from, name, split }, schemas));
    const here = basename(process.cwd());
    return { text: `wrote ${file}: edit it, then run fer pipeline in ${here}`, json: { file } };
  },
});
