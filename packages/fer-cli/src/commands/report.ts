import { z } from "zod";
import { defineCommand } from "../define-command.js";
export default defineCommand({
  options: z.strictObject({ run: z.string().describe("Run folder that fer train wrote") }),
  positionals: ["run"],
  run: async () => ({ text: "", json: null }),
});
