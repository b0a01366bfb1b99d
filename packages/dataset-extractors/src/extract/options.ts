/** Options, context and result of `extract`. */
import type { TaskHooks } from "@fer/core";
import { z } from "zod";
import type { DatasetAdapter } from "../adapter.js";
import { DecoderName } from "../image/decode.js";
import { Workers } from "../threads/run-batches.js";
import type { DatasetInfo } from "@fer/core/image-folder";

/** Options of `extract`. Free of functions, so that flags and a JSON Schema derive from it. */
export const ExtractOptions = z.strictObject({
  adapter: z.string().optional().describe("name of the dataset adapter"),
  from: z.string().min(1).describe("folder or archive (zip, tar, tar.gz) with the dataset as its owners ship it"),
  to: z.string().min(1).describe("image folder to write; new, empty, or an earlier output of the same dataset"),
  form: z.string().optional().describe("form of the dataset, where the folder fits several"),
  workers: Workers,
  decoder: DecoderName.default("jimp").describe("library that decodes: jimp, or sharp (faster; npm install sharp)"),
  margin: z
    .number()
    .min(0)
    .max(2)
    .default(0)
    .describe("part of a face box added on each side before cutting, e.g. 0.1"),
  align: z
    .boolean()
    .default(false)
    .describe(
      "turn and scale every face so that its eyes lie level at fixed places, by the landmarks that are shipped",
    ),
  alignedSize: z.number().int().min(16).max(1024).default(128).describe("side of an aligned face in pixels"),
  overwrite: z.boolean().default(false).describe("replace an earlier output of this dataset made with other options"),
  options: z.record(z.string(), z.unknown()).default({}).describe("options of the adapter"),
});
export type ExtractOptions = z.infer<typeof ExtractOptions>;

/** What is passed by value. */
export interface ExtractContext extends TaskHooks {
  /** An adapter of your own; `options.adapter` may then be left out. */
  adapter?: DatasetAdapter;
}

/** What an extraction did. */
export interface ExtractResult {
  /** `unchanged`: the output was already there, made from the same files with the same options. */
  status: "written" | "unchanged";
  /** Absolute path of the image folder. */
  folder: string;
  /** Content of its `dataset.json`. */
  info: DatasetInfo;
  /** Pictures decoded in this run, and finished ones taken over from an interrupted run. */
  decoded: number;
  resumed: number;
}
