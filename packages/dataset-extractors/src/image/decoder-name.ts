import { z } from "zod";

/** Which library decodes: see `decode.ts`. */
export const DecoderName = z.enum(["jimp", "sharp"]);
export type DecoderName = z.infer<typeof DecoderName>;
