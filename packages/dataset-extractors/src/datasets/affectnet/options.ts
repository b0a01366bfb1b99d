/** Options of the AffectNet adapter. */
import { z } from "zod";
import { FolderMap } from "../../readers/class-folders.js";

export const AffectNetOptions = z.strictObject({
  part: z
    .enum(["manual", "automatic"])
    .default("manual")
    .describe("Which annotations to read: manual, or automatic (machine-labelled); they are never mixed"),
  labels: z
    .enum(["folder", "csv"])
    .default("folder")
    .describe("Which one decides the class in copies sorted into folders with a labels.csv: the folder, or the csv"),
  map: FolderMap.optional(),
});
export type AffectNetOptions = z.infer<typeof AffectNetOptions>;
