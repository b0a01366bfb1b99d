/** `fer assemble <folders...>`: image folders -> a set. */
import { Assembler, AssemblerOptions } from "@fer/split-assembler";
import { z } from "zod";
import { defineCommand } from "../command.js";
import type { LoadedConfig } from "../config/load-config.js";
import { parsedSections } from "../config/sections.js";
import { renderSet } from "../render/set.js";

export const AssembleOptions = z.strictObject({
  folders: z.array(z.string()).min(1).describe("Image folders that fer extract wrote; several are merged"),
  ...AssemblerOptions.shape,
  plan: z.boolean().default(false).describe("Print what the set would be, and write nothing"),
});

export default defineCommand({
  options: AssembleOptions,
  derived: { folders: extractedIn },
  positionals: ["folders"],
  paths: ["folders", "to", "splitFile", "exclude", "against"],
  details: "No picture, person or clip is on both sides of the split, unless the policy says so; leaks are counted.",
  examples: [
    "fer assemble data/ckplus --name ckplus --split subject",
    "fer assemble data/rafdb data/ckplus --name mix --split ratio --seed 7 --to features",
  ],
  kept: () => "No half-written set was left: the same command starts it again.",
  target: ({ to, name }) => `${to}/${name}`,
  async run({ folders, plan, ...options }, { hooks, output }) {
    if (plan) {
      const info = await new Assembler(options).plan(folders, hooks);
      return { text: `${renderSet(info, options.to)}\nnothing was written (plan)`, json: info };
    }
    const set = await new Assembler(options).assemble(folders, hooks);
    set.close();
    const { policy, policyReason } = set.info;
    if (policyReason !== undefined) output.note(`split policy ${policy}: ${policyReason}`);
    if (set.reused) output.note(`set ${set.name} is there already, made from the same data and options`);
    return { text: renderSet(set.info, set.folder), json: set.info, isKept: set.reused };
  },
});

/** The image folders that the extract section of a config file writes. */
async function extractedIn(config: LoadedConfig): Promise<unknown> {
  const sections = await parsedSections<{ to: string }>(config, "extract");
  return sections.length === 0 ? undefined : sections.map(({ options }) => options.to);
}
