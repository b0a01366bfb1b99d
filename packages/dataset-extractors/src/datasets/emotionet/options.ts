/** Options of the EmotioNet adapter. */
import { z } from "zod";

export const EmotioNetOptions = z.strictObject({
  fromActionUnits: z
    .boolean()
    .default(false)
    .describe("Derive the expression of rows with action units from the sets of Du et al. 2014 (exact match)"),
  originals: z
    .boolean()
    .default(false)
    .describe(
      "Keep pictures that the downloader got from their original address, which may show something else by now",
    ),
});
export type EmotioNetOptions = z.infer<typeof EmotioNetOptions>;
