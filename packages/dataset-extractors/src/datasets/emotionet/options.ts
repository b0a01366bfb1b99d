/** Options of the EmotioNet adapter. */
import { z } from "zod";

export const EmotioNetOptions = z.strictObject({
  fromActionUnits: z
    .boolean()
    .default(false)
    .describe("Derive the expression of rows with action units from the sets of Du et al. 2014 (exact match)"),
});
export type EmotioNetOptions = z.infer<typeof EmotioNetOptions>;
