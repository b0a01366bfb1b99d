/** `fer inspect <paths...>`: image folders for twins, conflicts and bad pictures; sets and runs for what they hold. */
import { InspectOptions as Options } from "@fer/dataset-extractors";
import { z } from "zod";
import { artifactKind } from "../artifacts/artifact.js";
import { inspectImageFolders } from "../artifacts/inspect-image-folders.js";
import { inspectRun } from "../artifacts/inspect-run.js";
import { inspectSet } from "../artifacts/inspect-set.js";
import { defineCommand } from "../command.js";

export const InspectOptions = Options.extend({
  paths: z
    .array(z.string())
    .min(1)
    .describe("Image folders (together, so that twins between them are found), or a set, or a run"),
  to: z.string().optional().describe("Folder for a page with the findings as pictures and a contact sheet"),
});

export default defineCommand({
  options: InspectOptions,
  positionals: ["paths"],
  paths: ["paths", "to"],
  details:
    "Counts, exact and near duplicates (also across splits and folders), label conflicts, black, blank and blurred pictures.",
  examples: [
    "fer inspect data/fer2013 --to findings",
    "fer inspect data/rafdb data/ckplus --json",
    "fer inspect features/mix",
  ],
  kept: () => "Nothing was changed.",
  async run({ paths, to, ...options }, { hooks }) {
    const [first] = paths;
    const kind = paths.length === 1 ? artifactKind(first!) : "image-folder";
    if (kind === "set") return inspectSet(first!);
    if (kind === "run") return inspectRun(first!);
    return inspectImageFolders(paths, options, { hooks, to });
  },
});
