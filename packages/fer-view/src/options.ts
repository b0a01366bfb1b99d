/** What `view` is told. */
import { z } from "zod";

export const ViewOptions = z.strictObject({
  folder: z.string().min(1).default(".").describe("Folder whose datasets, sets and runs are shown, those below it too"),
  verdicts: z
    .string()
    .optional()
    .describe(
      "Table (.csv) of verdicts that the review of labels writes and fer assemble --exclude reads; <folder>/<set>.verdicts.csv if left out",
    ),
  host: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address to listen at; faces and labels are there for whoever has the address that is printed"),
  port: z.number().int().min(0).max(65_535).default(0).describe("Port to listen at; 0 takes a free one"),
});
export type ViewOptions = z.infer<typeof ViewOptions>;
