/** `fer inspect` of a folder of seeds: what its runs have in common, the scores of each, and what they say together. */
import { openSeeds } from "@fer/model";
import type { CommandResult } from "../command.js";
import { renderSeeds } from "../render/seeds.js";
import { factsOf } from "./run.js";

/** Nothing is trained or measured; the summary is made of the files of the runs. */
export async function inspectSeeds(path: string): Promise<CommandResult> {
  const { folder, runs, summary } = await openSeeds(path);
  const text = [...factsOf(runs[0]!.config), renderSeeds({ folder, summary })].join("\n");
  return {
    text,
    json: { runs: runs.map(({ folder: run, config, metrics }) => ({ run, config, metrics })), seeds: summary },
  };
}
