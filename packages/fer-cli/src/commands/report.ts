import { z } from "zod";
import { defineCommand } from "../define-command.js";

export default defineCommand({
  options: z.strictObject({
    adapter: z.string().describe("A"),
    n: z.number().int().min(1).default(3).describe("N things"),
    shuffle: z.boolean().default(true).describe("Shuffle"),
  }),
  positionals: ["adapter"],
  run: async (options) => ({ text: JSON.stringify(options), json: options }),
});
