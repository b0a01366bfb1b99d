/** `fer init`: a commented `fer.config.ts` to start from. */
import { existsSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { OptionsError } from "@fer/core/errors";
import { AssemblerOptions } from "@fer/split-assembler";
import { z } from "zod";
import { CONFIG_FILES } from "../config/load-config.js";
import { configTemplate } from "../config/template.js";
import { defineCommand } from "../command.js";
import { TrainOptions } from "./train.js";

export const InitOptions = z.strictObject({
  adapter: z.string().default("folders").describe("Dataset to start from; fer datasets lists them"),
  from: z.string().default("faces").describe("Folder of the dataset as its owner ships it"),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits and . _ - only")
    .optional()
    .describe("Name of the set and of the run (default: the adapter's)"),
  split: z.enum(["subject", "group", "ratio", "official", "original"]).default("ratio").describe("Split policy"),
  force: z.boolean().default(false).describe("Replace a config file that is there"),
});

export default defineCommand({
  options: InitOptions,
  paths: ["from"],
  examples: ["fer init", "fer init --adapter ckplus --from CK+ --split subject"],
  async run({ adapter, from, name = adapter, split, force }) {
    const there = CONFIG_FILES.find((file) => existsSync(file));
    if (there !== undefined && !force) {
      throw new OptionsError({
        code: "CONFIG_EXISTS",
        subject: "fer init",
        found: `there is a ${there} in this folder`,
        fix: "Edit it, or replace it with --force",
      });
    }
    const file = CONFIG_FILES[0]!;
    writeFileSync(
      file,
      configTemplate({ adapter, from, name, split }, { assemble: AssemblerOptions, train: TrainOptions }),
    );
    return { text: `wrote ${file}; edit it, then run fer pipeline in ${basename(process.cwd())}`, json: { file } };
  },
});
