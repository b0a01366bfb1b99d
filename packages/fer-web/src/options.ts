/** Options of a recognizer in a page. */
import { VIEWS } from "@fer/core/inference";
import { z } from "zod";
import { BACKENDS } from "./backends.js";

export const DetectorOptions = z.strictObject({
  /** Width of the smallest face that is looked for, in pixels; default 24, but not below a 32nd of the longer side. */
  smallest: z.number().positive().optional(),
  /** How sure it must be that something is a face, (0, 1); default 0.72. */
  least: z.number().gt(0).lt(1).optional(),
  /** Whether everything is looked at turned too, which takes nearly three times as long; default false. */
  turned: z.boolean().optional(),
});
export type DetectorOptions = z.infer<typeof DetectorOptions>;

export const WebRecognizerOptions = z.strictObject({
  /** What computes: `auto`, or one or several names, tried in this order. */
  backend: z.union([z.enum(["auto", ...BACKENDS]), z.array(z.enum(BACKENDS)).min(1)]).default("auto"),
  /**
   * Folder with the files of `bundle/` of this package, as an address that ends in `/`, where a bundler leaves
   * `new URL("...", import.meta.url)` alone and they lie elsewhere than the script.
   */
  assets: z.string().optional(),
  /** Views of a face whose mean is told, in place of the model's: 1 is faster than 10, and a little less sure. */
  views: z.literal(VIEWS).optional(),
  detector: DetectorOptions.prefault({}),
});
export type WebRecognizerOptions = z.infer<typeof WebRecognizerOptions>;
