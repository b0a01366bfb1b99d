import { z } from "zod";

/** Which library decodes. */
export const DecoderName = z.enum(["jimp", "sharp"]);
export type DecoderName = z.infer<typeof DecoderName>;
