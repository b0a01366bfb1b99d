/** How faces are cut out; as `dataset.json` and `model.json` keep it. Apart from `cut-face.ts`, which needs no zod. */
import { z } from "zod";

/** See `cut-face.ts` for the square that these numbers tell. */
export const FaceCrop = z.strictObject({
  /** What found them, such as `blazeface`. */
  detector: z.string(),
  /** Edge of the square in pixels. */
  side: z.number().int().positive(),
  /** Between the eyes, and above them, in shares of the edge. */
  eyeDistance: z.number().positive().max(1),
  eyeHeight: z.number().min(0).max(1),
});
export type FaceCrop = z.infer<typeof FaceCrop>;
