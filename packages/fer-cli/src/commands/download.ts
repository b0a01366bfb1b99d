/** `fer download emotionet`: the pictures of a dataset that is shipped as a list of addresses. */
import { formatCount } from "@fer/core";
import { DownloadOptions as Options, downloadImages, urlLists } from "@fer/dataset-extractors";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { table } from "../output/table.js";

export const DownloadOptions = Options.extend({
  dataset: z.enum(["emotionet"]).describe("Dataset that is shipped as lists of addresses"),
  from: z.string().min(1).describe("Folder with the owner's lists (csv, xlsx or txt)"),
});

export default defineCommand({
  options: DownloadOptions,
  positionals: ["dataset"],
  paths: ["from", "to"],
  details:
    "One request a host at a time; nothing inside private networks is ever asked. Every address ends with a row in <to>/downloads.jsonl; the same command goes on where it was interrupted.",
  examples: ["fer download emotionet --from emotionet-lists --to data/emotionet-images"],
  kept: ({ to }) => `What was downloaded is in ${to}; the same command goes on.`,
  async run({ dataset, from, ...options }, { hooks }) {
    const result = await downloadImages(urlLists(from), { ...options, ...hooks });
    const { outcomes, total, to, fromOriginal } = result;
    const got = (outcomes["ok"] ?? 0) + (outcomes["already"] ?? 0);
    const text = [
      table(["outcome", "images"], Object.entries(outcomes)),
      `${formatCount(got)} of ${formatCount(total)} images are in ${to}; ${formatCount(fromOriginal)} came from their original address in this run.`,
    ];
    return { text: text.join("\n"), json: result, exitCode: got > 0 ? 0 : 1 };
  },
});
