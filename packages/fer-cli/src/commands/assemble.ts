/** `fer assemble <folders...>`: image folders -> a set. */
import { Assembler, AssemblerOptions } from "@fer/split-assembler";
import { z } from "zod";
import { configSection } from "../config/config-section.js";
import { defineCommand } from "../define-command.js";
import { renderSet } from "../render/set.js";

export const AssembleOptions = AssemblerOptions.extend({
  folders: z.array(z.string()).min(1).describe("Image folders that fer extract wrote; several are merged"),
});

export default defineCommand({
  options: AssembleOptions,
  positionals: ["folders"],
  details: "No picture, person or clip is on both sides of the split, unless the policy says so; leaks are counted.",
  examples: [
    "fer assemble data/ckplus --name ckplus --split subject",
    "fer assemble data/rafdb data/ckplus --name mix --split ratio --seed 7 --to features",
  ],
  section: (config) => configSection(config, "assemble"),
  kept: () => "No half-written set was left: the same command starts it again.",
  async run({ folders, ...options }, { hooks, output }) {
    const set = await new Assembler(options).assemble(folders, hooks);
    if (set.reused) output.note(`set ${set.name} is there already, made from the same data and options`);
    set.close();
    return { text: renderSet(set.info, set.folder), json: set.info };
  },
});
