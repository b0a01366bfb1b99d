/** `model.json` of an exported run: that of the run, and what its file takes and gives. */
import { ModelInfo } from "@fer/core/run";
import { Part } from "@fer/core/set";
import { z } from "zod";
import { QUANTIZATIONS } from "./tfjs-layers.js";

export const EXPORT_FORMATS = ["tfjs", "tfjs-graph", "keras", "h5", "savedmodel", "onnx"] as const;
export const ExportFormat = z.enum(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof ExportFormat>;

const Score = z.object({ views: z.number().int(), accuracy: z.number().min(0).max(1) });

export const ExportedModel = ModelInfo.extend({
  export: z.object({
    format: ExportFormat,
    /** Of the weights in the file. */
    quantize: z.enum(QUANTIZATIONS),
    /** File that takes raw grey levels, the face cut out as `preprocessing` says: standardising and scaling is in it. */
    file: z.string(),
    input: z.object({
      name: z.string(),
      /** `null` for any number of images; NHWC. */
      shape: z.array(z.number().int().nullable()),
      dtype: z.literal("float32"),
      range: z.tuple([z.literal(0), z.literal(255)]),
    }),
    /** Probabilities in the order of `classes`; `calibrated`: the temperature is in the file (or there is none). */
    output: z.object({ name: z.string(), calibrated: z.boolean() }),
    /** File of the network alone, which takes each view of an image as `preprocessing` makes it; absent where there is none. */
    network: z.string().optional(),
    /** On a part of a set: what the run says, and the one view that the file sees. `null` where it was not measured. */
    accuracy: z
      .object({
        set: z.object({ name: z.string(), fingerprint: z.string() }),
        part: Part,
        count: z.number().int(),
        run: Score,
        file: Score,
      })
      .nullable(),
  }),
});
export type ExportedModel = z.infer<typeof ExportedModel>;
