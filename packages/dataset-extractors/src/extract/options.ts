/** Options, context and result of `extract`. */
import type { TaskHooks } from "@fer/core";
import { z } from "zod";
import type { DatasetAdapter } from "../adapter.js";
import { DecoderName } from "../image/decoder-name.js";
import type { DetectorModule } from "../image/detect-face.js";
import { Workers } from "../threads/workers.js";
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
  detect: z
    .boolean()
    .default(false)
    .describe(
      "find the face of every picture and cut it out, turned upright; where a box is shipped, the face that it is around",
    ),
  detectedSize: z.number().int().min(16).max(1024).default(128).describe("side of a face that was found, in pixels"),
  severalFaces: z
    .enum(["largest", "refuse"])
    .default("largest")
    .describe("what becomes of a picture in which several faces are found: the largest is taken, or it is left out"),
  overwrite: z.boolean().default(false).describe("replace an earlier output of this dataset made with other options"),
  options: z.record(z.string(), z.unknown()).default({}).describe("options of the adapter"),
});
export type ExtractOptions = z.infer<typeof ExtractOptions>;

/** What is passed by value. */
export interface ExtractContext extends TaskHooks {
  /** An adapter of your own; `options.adapter` may then be left out. */
  adapter?: DatasetAdapter;
  /** What finds faces where `options.detect` asks for it; `faceDetectorModule` of `@fer/model`, or one of your own. */
  detector?: DetectorModule;
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
