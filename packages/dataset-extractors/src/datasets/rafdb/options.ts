/** Options of the RAF-DB adapter. */
import { z } from "zod";
import { FolderMap } from "../../readers/class-folders.js";

export const RafDbOptions = z.strictObject({
  images: z
    .enum(["aligned", "original"])
    .default("aligned")
    .describe("Which pictures to take: aligned (100x100 faces), or original (photos, cut by the owner's box)"),
  compound: z
    .enum(["refuse", "main"])
    .default("refuse")
    .describe(
      "What the compound set becomes: refused, since none of its classes is one of the eight; or main, the second word of each (sadly fearful: fear), with half a vote for either",
    ),
  map: FolderMap.optional().describe(
    "What the class folders or labels of a copy mean, e.g. 0=surprise,1=fear; only these are read then (default: the owner's codes 1 to 7, or words)",
  ),
});
export type RafDbOptions = z.infer<typeof RafDbOptions>;
